"""Covers and labels against the same rules rasterised, on rasters in degrees and metres, of bytes and floats."""

import pytest

from benchmarks.gis_reference import CASES, compared


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.raster.rpartition("/")[2])
def test_labels_are_those_of_a_rasterised_reference(unpacked, case):
    found = compared(case, unpacked.folder("gis_layers"))
    assert found.keys() == case.words.keys()
    for word, told in found.items():
        assert told["tiles"] > 5, word
        assert told["cover_iou"] >= 0.98 and told["label_iou"] >= 0.98, (word, told)
