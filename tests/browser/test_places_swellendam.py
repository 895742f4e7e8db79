"""Places by page, with a real aerial photograph of Swellendam, labelled by its map layers."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from mindseye.api.mindseye import Mindseye
from mindseye.api.service.service import Service
from mindseye.indexer.gis.making import make_tiles
from mindseye.indexer.gis.rules import Rules
from tests.api.service.conftest import run_in_thread
from tests.browser.conftest import Site
from tests.browser.test_places import DRAWN, search

pytestmark = [pytest.mark.slow, pytest.mark.allow_hosts(["127.0.0.1", "::1"])]
RULES = """
tiles: {size: 256, unit: pixels}
labels:
  - {layer: roads_33S, word: road, min_length: 50}
  - {layer: water_33S, word: river, min_cover: 0.001}
  - {layer: farms_33S, word: farm, min_cover: 0.5}
"""


@pytest.fixture(scope="module")
def site(pocket, unpacked, tmp_path_factory) -> Iterator[Site]:
    data = unpacked.folder("gis_layers") / "swellendam"
    root = tmp_path_factory.mktemp("swellendam")
    (root / "rules.yaml").write_text(RULES)
    photo = data / "raster" / "3420B_2010_328_RGB_LATLNG.tif"
    layers = [data / "projected_data" / f"{name}_33S.shp" for name in ("roads", "water", "farms")]
    make_tiles([photo], layers, Rules.read(root / "rules.yaml"), root / "tiles")
    with Mindseye(root / "library", pocket, "pytest") as eye:
        eye.index([root / "tiles"], "swellendam")
        for running in run_in_thread(Service(eye, [root, data]), root):
            yield Site(running.address, root)


def test_the_photograph_is_drawn_searched_and_warmed(page, shoot):
    page.goto("/places")
    page.wait_for_function(DRAWN)
    expect(page.locator("#place-legend")).to_contain_text("road")
    expect(page.locator("#place-legend")).to_contain_text("farm")
    search(page, "farm")
    expect(page.locator("#place-hits li")).to_have_count(30)
    shoot(page, "swellendam")
    page.locator("#place-heat").check()
    expect(page.locator("#heat-legend")).to_be_visible()
    shoot(page, "swellendam-heat")
    page.locator("summary").first.click()
    page.locator("[name=near]").fill("-34.0226, 20.4417")
    page.get_by_role("button", name="Search here").click()
    expect(page.locator("#place-trouble")).to_be_hidden()
    expect(page.locator("#place-found-count")).to_contain_text("farm")
