"""Places over HTTP: rasters drawn, tiles as GeoJSON, found, warmed by a word; nothing else of the disk."""

import io
import os
from collections.abc import Iterator

import httpx
import numpy as np
import pytest
import rasterio
from PIL import Image

from mindseye.api.mindseye import Mindseye
from mindseye.api.service.place_examples import FOUND, PLACES, TILES, WARM
from mindseye.api.service.place_shapes import FoundFeatures, PlacesTold, TileFeatures, WarmFeatures
from mindseye.api.service.service import Service
from tests.api.service.conftest import Running, run_in_thread
from tests.indexer.gis.tiling import paint_raster, tiles_of, vrt_of, write_tileset
from tests.pictures import paint

pytestmark = pytest.mark.allow_hosts(["127.0.0.1", "::1"])
WORDS = {(0, 0): ("river",), (1, 0): ("river", "road"), (3, 2): ("farm",)}
ZOOM = 11


@pytest.fixture(scope="module")
def running(pocket, tmp_path_factory) -> Iterator[Running]:
    """Two dates of one place, one raster far away, a painting that lies nowhere."""
    root = tmp_path_factory.mktemp("places")
    aerial = root / "aerial"
    old, new = (paint_raster(aerial / f"{year}.tif", seed=year) for year in (2010, 2020))
    far = paint_raster(aerial / "far.tif", seed=1, west=-70, north=45)
    write_tileset(aerial / "dates", [*tiles_of(old, WORDS, "2010-11-24"), *tiles_of(new, WORDS, "2020-08-31")])
    write_tileset(aerial / "elsewhere", tiles_of(far))
    with Mindseye(root / "library", pocket, "pytest") as eye:
        eye.index([aerial / "dates"], "dates")
        eye.index([aerial / "elsewhere"], "elsewhere")
        eye.index([paint(root / "paintings" / "a.png", 5)], "paintings")
        yield from run_in_thread(Service(eye, [root]), root)


@pytest.fixture
def http(running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=running.address, timeout=30) as client:
        yield client


def tile_at(longitude: float, latitude: float) -> str:
    count = 2**ZOOM
    row = (1 - np.arcsinh(np.tan(np.radians(latitude))) / np.pi) / 2 * count
    return f"{ZOOM}/{int((longitude + 180) / 360 * count)}/{int(row)}.png"


def place(http, name: str) -> dict:
    return next(each for each in http.get("/v1/places").json()["rasters"] if each["name"] == name)


def drawn(http, name: str, longitude: float, latitude: float) -> np.ndarray:
    answer = http.get(f"/v1/places/{place(http, name)['id']}/{tile_at(longitude, latitude)}")
    assert answer.headers["content-type"] == "image/png"
    return np.asarray(Image.open(io.BytesIO(answer.content)))


def ids(told: dict) -> list[int]:
    return [each["id"] for each in told["features"]]


def test_rasters_are_told_with_what_their_tiles_are(http):
    told = http.get("/v1/places").json()
    assert told["tiles"] == 36 and told["dates"] == ["2010-11-24", "2020-08-31"]
    assert told["words"] == [{"word": "river", "tiles": 4}, {"word": "farm", "tiles": 2}, {"word": "road", "tiles": 2}]
    assert told["box"] == pytest.approx([-70, -34.3, 20.4, 45])
    old = place(http, "2010.tif")
    assert (old["tiles"], old["dates"], old["collections"]) == (12, ["2010-11-24"], ["dates"])
    assert old["box"] == pytest.approx([20, -34.3, 20.4, -34])
    assert [each["name"] for each in http.get("/v1/places?collection=elsewhere").json()["rasters"]] == ["far.tif"]
    assert http.get("/v1/places?collection=paintings").json()["box"] is None
    assert http.get("/v1/places?collection=none").status_code == 404


def test_a_piece_shows_the_raster_where_it_lies(http, running):
    with rasterio.open(running.root / "aerial" / "2010.tif") as raster:
        colour = raster.read(window=((8, 24), (40, 56))).mean(axis=(1, 2))  # in the middle of tile (1, 0)
    shown = drawn(http, "2010.tif", 20.15, -34.05)
    assert set(np.unique(shown[..., 3])) == {255}
    count = 2**ZOOM
    column = int(((20.15 + 180) / 360 * count % 1) * 256)
    row = int((1 - np.arcsinh(np.tan(np.radians(-34.05))) / np.pi) / 2 * count % 1 * 256)
    assert abs(shown[row - 4 : row + 4, column - 4 : column + 4, :3].mean(axis=(0, 1)) - colour).max() < 8
    assert not drawn(http, "2010.tif", 20.15, 34.05)[..., 3].any(), "nothing lies in the other hemisphere"


def test_a_browser_asks_again_and_is_told_that_nothing_changed(http, running):
    address = f"/v1/places/{place(http, '2020.tif')['id']}/{tile_at(20.15, -34.05)}"
    first = http.get(address)
    assert "max-age" in first.headers["cache-control"]
    known = {"If-None-Match": first.headers["etag"]}
    assert http.get(address, headers=known).status_code == 304
    path = running.root / "aerial" / "2020.tif"
    os.utime(path, (path.stat().st_atime, path.stat().st_mtime + 5))
    assert http.get(address, headers=known).status_code == 200


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("0123456789abcdef/3/1/1.png", 404), ("2010.tif/3/1/1.png", 422), ("..%2f..%2fetc%2fpasswd/3/1/1.png", 404),
        ("{id}/3/8/1.png", 400), ("{id}/25/1/1.png", 422), ("{id}/3/-1/1.png", 422), ("{id}/3/1/1.jpg", 404),
    ],
)  # fmt: skip
def test_nothing_but_pieces_of_known_rasters_is_drawn(http, address, status):
    answer = http.get("/v1/places/" + address.format(id=place(http, "2010.tif")["id"]))
    assert answer.status_code == status and answer.json()["error"]["message"]


def test_footprints_are_geojson(http):
    told = http.get("/v1/places/tiles").json()
    assert told["type"] == "FeatureCollection" and told["total"] == 36 == len(told["features"])
    first = told["features"][1]
    assert first["properties"]["labels"] == ["river", "road"] and first["properties"]["cover"] == {
        "river": 0.5,
        "road": 0.5,
    }
    assert first["properties"]["raster"] == "2010.tif" and first["properties"]["place"] == "xywh=32,0,32,32"
    ring = first["geometry"]["coordinates"][0]
    assert ring[0] == ring[-1] and len(ring) == 5
    corners = {(round(x, 3), round(y, 3)) for x, y in ring}
    assert corners == {(20.1, -34.0), (20.2, -34.0), (20.2, -34.1), (20.1, -34.1)}


def test_footprints_pass_filters_and_are_spread_where_they_are_too_many(http):
    assert http.get("/v1/places/tiles?label=farm").json()["total"] == 2
    assert http.get("/v1/places/tiles?label=farm&date=2010").json()["total"] == 1
    assert http.get("/v1/places/tiles?collection=paintings").json()["total"] == 0, "a painting lies nowhere"
    few = http.get("/v1/places/tiles?limit=6").json()
    assert few["total"] == 36
    assert {each["properties"]["raster"] for each in few["features"]} == {"2010.tif", "2020.tif", "far.tif"}
    assert http.get("/v1/places/tiles?limit=20000").status_code == 422


def test_of_all_tiles_those_in_view_are_told_with_the_scale_of_all(http):
    view = "20.01,-34.09,20.19,-34.01"
    seen, boxed = (http.get(f"/v1/places/tiles?{each}={view}").json() for each in ("view", "box"))
    assert ids(seen) == ids(boxed) and (seen["total"], seen["in_view"]) == (36, 4)
    assert (boxed["total"], boxed["in_view"]) == (4, 4)
    everywhere, there = (
        http.get("/v1/places/heat", params={"q": "river"} | more).json() for more in ({}, {"view": view})
    )
    warm = {each["id"]: each["properties"]["heat"] for each in everywhere["features"]}
    assert {each["id"]: each["properties"]["heat"] for each in there["features"]} == {
        each: warm[each] for each in ids(seen)
    }
    assert (there["low"], there["high"], there["in_view"]) == (everywhere["low"], everywhere["high"], 4)
    assert http.get("/v1/places/tiles?view=170,-90,60,90").json()["in_view"] == 36, "across the date line, to the east"
    assert http.get("/v1/places/tiles?view=170,-90,10,90").json()["in_view"] == 12
    assert http.get("/v1/places/tiles?view=-180,-90,180,90").json()["in_view"] == 36
    assert http.get("/v1/places/tiles?view=1,2,3").status_code == 400


def test_tiles_are_looked_for_by_place(http):
    boxed = http.get("/v1/places/tiles?box=20.01,-34.09,20.19,-34.01").json()
    assert boxed["total"] == 4 and boxed["within"] == {"box": [20.01, -34.09, 20.19, -34.01], "circle": None}
    near = http.get("/v1/places/hits?q=river&near=45,-70&radius=1km").json()
    assert {each["properties"]["raster"] for each in near["features"]} == {"far.tif"} and len(near["features"]) == 1
    assert near["within"] == {"box": None, "circle": {"latitude": 45, "longitude": -70, "kilometres": 1}}
    assert http.get("/v1/places/heat?q=river&box=1,1,2,2").json()["features"] == []
    for wrong in ("box=1,2,3", "box=9,9,8,8", "near=95,20", "near=1,1&radius=far"):
        assert http.get(f"/v1/places/tiles?{wrong}").status_code == 400, wrong


def test_no_file_is_read_for_a_sum(http, running):
    painting = running.root / "paintings" / "a.png"
    assert http.get("/v1/places/heat", params={"q": f"river + @{painting}"}).status_code in (400, 404)
    assert http.get("/v1/places/heat", params={"q": "river - farm"}).status_code == 200


def test_hits_are_those_of_a_search_among_tiles(http, running):
    told = http.get("/v1/places/hits?q=river&limit=5").json()
    found = running.service.eye.search("river", 30, modalities=("image",)).hits
    tiles = set(ids(http.get("/v1/places/tiles").json()))
    assert ids(told) == [hit.item_id for hit in found if hit.item_id in tiles][:5]
    first = told["features"][0]["properties"]
    assert first["rank"] == 1 and first["probability"] == pytest.approx(found[0].probability, abs=0.02)
    assert told["query"] == "river" and isinstance(told["matched"], bool)


def test_what_is_like_a_tile_is_found_without_it(http):
    some = ids(http.get("/v1/places/tiles").json())
    told = http.get(f"/v1/places/hits?like={some[3]}&limit=50").json()
    assert sorted([*ids(told), some[3]]) == sorted(some) and told["matched"] is None
    assert http.get("/v1/places/hits?like=999999").status_code == 404
    assert http.get("/v1/places/hits").status_code == http.get("/v1/places/hits?q=a&like=1").status_code == 400


def test_a_heat_map_has_the_scores_of_a_search(http):
    told = http.get("/v1/places/heat?q=river").json()
    scores = {each["id"]: each["properties"]["score"] for each in told["features"]}
    assert len(scores) == 36 == told["total"]
    for each in http.get("/v1/places/hits?q=river&limit=50").json()["features"]:
        assert each["properties"]["score"] == pytest.approx(scores[each["id"]], abs=1e-3)
    order = sorted(told["features"], key=lambda each: each["properties"]["score"])
    warmth = [each["properties"]["heat"] for each in order]
    assert warmth == sorted(warmth) and (warmth[0], warmth[-1]) == (0, 1)


def test_rasters_outside_of_the_roots_are_not_drawn(running, tmp_path):
    closed = Service(running.service.eye, [tmp_path])
    told = closed.places.told()
    assert {each["why_not"] for each in told["rasters"]} == {"its folder is not served"}
    assert not any(each["address"] for each in told["rasters"])
    for answer in run_in_thread(closed, tmp_path):
        raster = told["rasters"][0]["id"]
        assert httpx.get(f"{answer.address}/v1/places/{raster}/3/1/1.png").status_code == 403


def test_a_vrt_shows_nothing_from_outside_of_the_roots(pocket, tmp_path):
    outside = paint_raster(tmp_path / "outside" / "a.tif")
    inside = tmp_path / "inside"
    inside.mkdir()
    vrt = vrt_of(inside / "a.vrt", vrt_of(inside / "inner.tif", outside))
    write_tileset(inside / "tiles", tiles_of(vrt))
    with Mindseye(tmp_path / "library", pocket, "pytest") as eye:
        assert eye.index([inside / "tiles"]).tiles == 12
        for roots, status in (([inside], 403), ([inside, outside.parent], 200), ([], 200)):
            for own in run_in_thread(Service(eye, roots), inside):
                raster = httpx.get(f"{own.address}/v1/places").json()["rasters"][0]
                assert httpx.get(f"{own.address}/v1/places/{raster['id']}/3/4/4.png").status_code == status
                assert bool(raster["address"]) == (status == 200) == (not raster["why_not"])


def test_a_vrt_is_looked_into_again_when_what_it_names_has_changed(pocket, tmp_path):
    outside, inside = paint_raster(tmp_path / "outside" / "a.tif"), tmp_path / "inside"
    shown = paint_raster(inside / "b.tif")
    vrt = vrt_of(inside / "a.vrt", vrt_of(inside / "inner.vrt", shown))
    write_tileset(inside / "tiles", tiles_of(vrt))
    with Mindseye(tmp_path / "library", pocket, "pytest") as eye:
        eye.index([inside / "tiles"])
        for own in run_in_thread(Service(eye, [inside]), inside):
            told = httpx.get(f"{own.address}/v1/places").json()["rasters"][0]
            address = own.address + told["address"].format(z=3, x=4, y=4)
            assert httpx.get(address).status_code == 200
            vrt_of(inside / "inner.vrt", outside)
            assert httpx.get(address).status_code == 403
            why = httpx.get(f"{own.address}/v1/places").json()["rasters"][0]["why_not"]
            assert why == "it is made of files in a folder that is not served"


def test_of_a_raster_outside_of_the_roots_is_told_what_the_library_knows_but_no_pixel(running, tmp_path):
    for closed in run_in_thread(Service(running.service.eye, [tmp_path]), tmp_path):
        tile = httpx.get(f"{closed.address}/v1/places/tiles?label=road").json()["features"][0]
        assert (tile["properties"]["raster"], tile["properties"]["labels"]) == ("2010.tif", ["river", "road"])
        for kind in ("thumbnail", "original"):
            assert httpx.get(closed.address + tile["properties"]["links"][kind]).status_code == 403


def test_a_raster_that_changed_is_told_and_not_drawn(pocket, tmp_path):
    raster = paint_raster(tmp_path / "a.tif")
    write_tileset(tmp_path / "tiles", tiles_of(raster))
    with Mindseye(tmp_path / "library", pocket, "pytest") as eye:
        eye.index([tmp_path / "tiles"])
        for own in run_in_thread(Service(eye, [tmp_path]), tmp_path):
            told = httpx.get(f"{own.address}/v1/places").json()["rasters"][0]
            address = own.address + told["address"].format(z=3, x=4, y=4)
            assert httpx.get(address).status_code == 200
            raster.write_bytes(raster.read_bytes()[:-50])
            assert httpx.get(address).status_code == 404
            told = httpx.get(f"{own.address}/v1/places").json()["rasters"][0]
            assert told["address"] is None and told["why_not"] == "gone or changed"


@pytest.mark.parametrize("path", ["/places", "/map"])
def test_a_page_of_an_unknown_collection_says_so(http, path):
    answer = http.get(path, params={"collection": "nope"}, headers={"Accept": "text/html"})
    assert answer.status_code == 404 and "no collection is called" in answer.text and "dates" in answer.text
    assert http.get(path, params={"collection": "dates"}).status_code == 200


def test_two_times_of_one_day_are_one_choice(pocket, tmp_path):
    rasters = {
        f"2020-05-0{day}T{hour}:00": paint_raster(tmp_path / f"{day}-{hour}.tif")
        for day, hour in ((1, 10), (1, 12), (2, 10))
    }
    write_tileset(tmp_path / "tiles", [tile for date, each in rasters.items() for tile in tiles_of(each, None, date)])
    with Mindseye(tmp_path / "library", pocket, "pytest") as eye:
        eye.index([tmp_path / "tiles"])
        for own in run_in_thread(Service(eye, [tmp_path]), tmp_path):
            page = httpx.get(f"{own.address}/places").text
            assert [page.count(f'name="date" value="{day}"') for day in ("2020-05-01", "2020-05-02")] == [1, 1]
            assert httpx.get(f"{own.address}/v1/places/tiles?date=2020-05-01").json()["total"] == 24


def test_a_search_that_no_picture_can_answer_begins_no_imagining(http):
    page = http.get("/", params={"q": "road", "near": "0,0", "radius": "1km"}).text
    assert page.count("Nothing passes these filters") == 2 and "/imagine" not in page and "No picture here" not in page
    found = http.get("/", params={"q": "xylophone"}).text
    assert "Nothing passes these filters" not in found


def test_places_are_in_the_header_only_where_there_are_some(http, own):
    assert 'href="/places"' in http.get("/").text
    empty = httpx.get(f"{own.address}/places")
    assert empty.status_code == 200 and "mindseye gis label" in empty.text and "mindseye index" in empty.text
    assert 'href="/places"' not in empty.text
    assert httpx.get(f"{own.address}/v1/places").json()["tiles"] == 0


@pytest.mark.parametrize("example", [PLACES, TILES, FOUND, WARM])
def test_examples_have_the_shapes_that_they_show(example):
    shapes = {id(PLACES): PlacesTold, id(TILES): TileFeatures, id(FOUND): FoundFeatures, id(WARM): WarmFeatures}
    shapes[id(example)].model_validate(example[200]["content"]["application/json"]["example"], strict=False)
