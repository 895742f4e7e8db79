"""A library of planted tiles, encoded once for all tests of this folder."""

from collections.abc import Iterator

import pytest

from mindseye.api.mindseye import Mindseye
from mindseye.engine.space import JointSpace
from tests.api.gis.planted import COLUMNS, ROWS, planted_tiles, repainted, words_of
from tests.pictures import paint


@pytest.fixture(scope="session")
def aerial(pocket: JointSpace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mindseye]:
    """Tiles that show one word, two, or none, of 2001 and, all alike but two, of 2002; and photographs."""
    home = tmp_path_factory.mktemp("aerial")
    words = words_of(COLUMNS, ROWS)
    tiles = planted_tiles(home, words, COLUMNS, ROWS, date="2001")
    later = repainted(home, home / "land.tif", words, date="2002-07-01")
    for seed in range(4):
        paint(home / "photos" / f"{seed}.png", seed)
    with Mindseye(home / "library", pocket, "pytest") as eye:
        eye.index([tiles], "aerial")
        eye.index([later], "later")
        eye.index([tiles, later], "both")
        eye.index([home / "photos"], "photos")
        yield eye
