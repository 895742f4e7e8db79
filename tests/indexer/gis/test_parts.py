"""Which files a raster is read from: what GDAL would read must be among them, or the raster is refused."""

from html import escape

import pytest

from mindseye.engine.errors import UnreadableFileError
from mindseye.indexer.gis.parts import files_of
from tests.indexer.gis.tiling import paint_raster, vrt_of


@pytest.fixture
def town(tmp_path):
    return paint_raster(tmp_path / "elsewhere" / "town.tif")


def names(path):
    return {each.name for each in files_of(path)}


def test_of_a_plain_raster_it_is_the_raster(town):
    assert files_of(town) == [town]


@pytest.mark.parametrize("inner", ["inner.vrt", "inner.tif", "inner"])
def test_a_vrt_within_a_vrt_is_looked_into_whatever_its_name(tmp_path, town, inner):
    vrt_of(tmp_path / inner, town)
    outer = vrt_of(tmp_path / "outer.vrt", tmp_path / inner)
    assert set(files_of(outer)) == {outer, tmp_path / inner, town}


def test_overviews_and_masks_beside_a_raster_are_looked_into(tmp_path, town):
    hidden = vrt_of(tmp_path / "hidden.tif", town)
    raster = paint_raster(tmp_path / "a.tif")
    vrt_of(tmp_path / "a.tif.ovr", hidden, size=(64, 48))
    assert names(raster) == {"a.tif", "a.tif.ovr", "hidden.tif", "town.tif"}


def test_what_a_mask_is_read_from_is_named_though_gdal_does_not_tell(tmp_path, town):
    vrt = vrt_of(tmp_path / "a.vrt", paint_raster(tmp_path / "open.tif"))
    source = f'<SimpleSource><SourceFilename relativeToVRT="1">elsewhere/{town.name}</SourceFilename></SimpleSource>'
    mask = f'<MaskBand><VRTRasterBand dataType="Byte">{source}</VRTRasterBand></MaskBand>'
    vrt.write_text(vrt.read_text().replace("</VRTDataset>", f"{mask}</VRTDataset>"))
    assert names(vrt) == {"a.vrt", "open.tif", "town.tif"}


@pytest.mark.parametrize(
    "named", ["vrt://{}?bands=1", "GTIFF_DIR:1:{}", "/vsisubfile/0_99999,{}", "/vsicached?file={}"]
)
def test_what_is_named_otherwise_than_by_its_path_is_refused(tmp_path, town, named, monkeypatch):
    monkeypatch.chdir(tmp_path)  # a name that is taken for a path must not lie in the folder that is served
    with pytest.raises(UnreadableFileError, match="no plain file"):
        files_of(vrt_of(tmp_path / "a.vrt", named.format(town)))


def test_a_vrt_written_within_a_vrt_is_refused(tmp_path, town):
    inner = vrt_of(tmp_path / "inner.vrt", town).read_text()
    with pytest.raises(UnreadableFileError, match="no plain file"):
        files_of(vrt_of(tmp_path / "a.vrt", escape(inner)))


def test_what_is_absent_is_told_and_what_cannot_be_looked_into_is_refused(tmp_path):
    absent, strange = tmp_path / "absent.tif", tmp_path / "strange.tif"
    raster = vrt_of(tmp_path / "a.vrt", absent)
    assert set(files_of(raster)) == {raster, absent}
    strange.write_bytes(b"no raster")
    with pytest.raises(UnreadableFileError, match="strange"):
        files_of(vrt_of(tmp_path / "b.vrt", strange))


def test_vrts_that_name_each_other_come_to_an_end(tmp_path):
    one, two = tmp_path / "one.vrt", tmp_path / "two.vrt"
    assert set(files_of(vrt_of(one, vrt_of(two, one)))) == {one, two}
