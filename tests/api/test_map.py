"""`mindseye map`: numbers, a picture, a page that fetches nothing; and what stands for what."""

import io
import json
import re
import shutil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from mindseye.api.maps.chart import KINDS, Chart
from mindseye.api.maps.one_file import one_file
from mindseye.api.maps.order import coarse_to_fine
from mindseye.api.maps.sprites import ACROSS, draw_sheet, sheets_of
from mindseye.indexer.maps import Point
from tests.pictures import painting

HOSTILE = "</script><script>alert(1)</script><!--"


def point(number: int, modality: str = "image", origin: str = "found", title: str = "", text: str = "") -> Point:
    uri = f"file:///photos/{number}.png"
    return Point(number, number, uri, modality, origin, title, text, f"{number:064x}", ("all",), ())


@pytest.fixture
def thumbnails(tmp_path):
    """Thumbnails of one colour each, by item."""

    def thumbnail(each: Point):
        path = tmp_path / f"{each.item_id}.jpg"
        Image.new("RGB", (256, 192), (each.item_id * 40 % 256, 90, 160)).save(path, "JPEG", quality=95)
        return path

    return thumbnail


@pytest.fixture
def chart() -> Chart:
    kinds = [("image", "found")] * 4 + [("image", "imagined"), ("word", "found"), ("paragraph", "found")]
    points = tuple(point(number + 1, *kind, title=HOSTILE * (number > 4)) for number, kind in enumerate(kinds))
    return Chart(points, np.random.default_rng(0).normal(size=(7, 2)).astype(np.float32))


def test_the_first_in_order_are_spread_over_all_places():
    rng = np.random.default_rng(0)
    crowd, far = rng.normal(0, 0.1, (500, 2)), np.array([[9, 9], [-9, 9], [9, -9], [-9, -9]])
    order = coarse_to_fine(np.concatenate([crowd, far]).astype(np.float32))
    assert set(range(500, 504)) <= set(order[:8].tolist())


@given(arrays(np.float32, st.tuples(st.integers(0, 60), st.just(2)), elements=st.floats(-1e6, 1e6, width=32)))
def test_the_order_names_everything_once(places):
    assert sorted(coarse_to_fine(places).tolist()) == list(range(len(places)))


def test_columns_are_of_one_length_and_name_what_is_there(chart):
    told = chart.as_dict()
    columns = ("x", "y", "item", "kind", "collection", "group", "title", "text")
    assert {len(told[name]) for name in columns} == {7}
    assert [KINDS[kind] for kind in told["kind"]] == ["image"] * 4 + ["imagined", "word", "paragraph"]
    assert sorted(told["pictures"] + told["texts"]) == list(range(7)) and set(told["pictures"]) == set(range(5))
    assert told["groups"] == ["photos"] and told["group"] == [0, 0, 0, 0, -1, -1, -1]


def test_a_sheet_holds_pictures_in_their_order(chart, thumbnails):
    sheet = Image.open(io.BytesIO(draw_sheet(chart, 0, thumbnails, 16)))
    assert sheet.size == (ACROSS * 16, 16) and sheets_of(chart).sheets == 1
    for place, position in enumerate(chart.pictures.tolist()):
        red = np.asarray(sheet.convert("RGB"))[8, place * 16 + 8, 0]
        assert abs(int(red) - chart.points[position].item_id * 40) < 12


def test_a_picture_without_a_file_leaves_its_square_empty(chart):
    sheet = Image.open(io.BytesIO(draw_sheet(chart, 0, lambda each: None, 16)))
    assert np.asarray(sheet)[..., 3].max() == 0


def test_the_page_holds_all_and_fetches_nothing(chart, thumbnails):
    page = one_file(chart, thumbnails, "A <map>")
    assert not re.findall(r"""(?:src|href)\s*=\s*["'](?!data:)""", page.split('<script type="application/json"')[0])
    assert "A &lt;map&gt;" in page and "<title>A <map>" not in page
    data = re.search(r'id="map-data">(.*?)</script>', page, re.DOTALL)
    told = json.loads(data[1])
    assert told["title"][5] == HOSTILE and told["count"] == 7
    assert told["sheets"]["addresses"][0].startswith("data:image/webp;base64,")
    assert page.count("<script") == 2 and not re.search(r"^(import|export) ", page, re.MULTILINE)


@pytest.fixture
def indexed(run, demo_library, tmp_path):
    """A library of the command line's own with the demo's photographs."""
    shutil.copytree(demo_library.root, tmp_path / "library")
    return run


def test_a_map_is_told_in_numbers_and_drawn(indexed, tmp_path):
    code, out, err = indexed("map", "-o", tmp_path / "map.png", "--json")
    told = json.loads(out)
    assert code == 0 and err == "" and told["images"] == told["items"] > 10 and told["added_since_made"] == 0
    with Image.open(tmp_path / "map.png") as picture:
        pixels = np.asarray(picture.convert("RGB"))
    assert pixels.shape == (2400, 2400, 3)
    assert len(np.unique(pixels.reshape(-1, 3)[::7], axis=0)) > 1000  # photographs are on it
    code, out, _ = indexed("map", "-o", tmp_path / "map.html")
    assert code == 0 and str(tmp_path / "map.html") in out and (tmp_path / "map.html").stat().st_size > 30_000


def test_what_is_new_is_told_until_the_map_is_made_anew(indexed, tmp_path):
    indexed("map")
    (tmp_path / "new").mkdir()
    painting(5, 64).save(tmp_path / "new" / "new.png")
    indexed("index", tmp_path / "new", "--collection", "new")
    code, out, _ = indexed("map")
    assert code == 0 and "1 were added since the map was made" in out
    assert json.loads(indexed("map", "--collection", "new", "--json")[1])["items"] == 1
    assert json.loads(indexed("map", "--refit", "--json")[1])["added_since_made"] == 0


def test_an_imagined_picture_on_it_marks_the_file(indexed, demo_library, tmp_path):
    with Image.open(demo_library.item("coffee.png").path) as picture:
        indexed("imagine", "okapi", "--size", "64", "--method", "recollection")
        picture.load()
    code, out, _ = indexed("map", "-o", tmp_path / "map.png", "--json")
    assert code == 0 and json.loads(out)["imagined"] == 1
    with Image.open(tmp_path / "map.png") as drawn:
        assert "Mindseye" in str(drawn.info) or "synthetic" in str(drawn.info).lower()


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--in", "sounds"], 2, "cannot look among sounds"),
        (["-o", "map.gif"], 2, "is no .html or .png file"),
        (["--collection", "nowhere"], 2, "nowhere"),
        (["--in", "words"], 1, "nothing to show"),
    ],
)
def test_what_cannot_be_shown_is_said(indexed, arguments, code, told):
    got, out, err = indexed("map", *arguments)
    assert got == code and told in out + err
