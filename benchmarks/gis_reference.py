"""Labels of tiles compared with pixels: the same rules by GeoPandas and rasterio's `rasterize`, at a finer resolution.

Prints, for each raster of the evaluation data and each word, the intersection over union of covers (over all tiles, the
sum of the smaller by that of the larger of both) and of the sets of tiles that have the word, as JSON.
"""

import argparse
import json
import sys
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas
import numpy as np
import rasterio
from rasterio import Affine
from rasterio.features import rasterize

from benchmarks.gis import DATA
from mindseye.indexer.gis.grid import make_grid
from mindseye.indexer.gis.labelling import Labelled, Labeller
from mindseye.indexer.gis.layers import Layers
from mindseye.indexer.gis.raster import Raster
from mindseye.indexer.gis.records import Window
from mindseye.indexer.gis.rules import Rules
from mindseye.indexer.gis.shapefiles import is_shapefile, readable
from mindseye.indexer.gis.strips import strips


@dataclass(frozen=True)
class Case:
    """A raster, the size of its tiles, and for each word a layer: its file, name in it, buffer and least cover."""

    raster: str
    size: int
    words: Mapping[str, tuple[str, str, float, float]]


CASES = (
    Case(
        "swellendam/raster/3420B_2010_328_RGB_LATLNG.tif",
        256,
        {
            "building": ("swellendam/training_data.gpkg", "buildings", 0, 0),
            "road": ("swellendam/projected_data/roads_33S.shp", "roads_33S", 6, 0),
            "farm": ("swellendam/projected_data/farms_33S.shp", "farms_33S", 0, 0.5),
            "river": ("swellendam/shapefile/rivers.shp", "rivers", 300, 0),
        },
    ),
    Case(
        "swellendam/raster/SRTM/srtm_41_19_4326.tif",
        64,
        {
            "river": ("swellendam/shapefile/rivers.shp", "rivers", 300, 0.01),
            "farm": ("swellendam/projected_data/farms_33S.shp", "farms_33S", 0, 0.5),
        },
    ),
    Case(
        "rmnp/example-data/rmnp-rgb.tif",
        64,
        {
            "glacier": ("rmnp/example-data/colorado-glaciers.geojson", "colorado-glaciers", 500, 0.001),
            "county": ("rmnp/example-data/colorado-counties.geojson", "colorado-counties", 0, 0),
        },
    ),
    Case(
        "opengeos/elevation/hag.tif",
        32,
        {"building": ("opengeos/elevation/buildings.geojson", "buildings", 0, 0.01)},
    ),
)


def labels_of(case: Case, folder: Path) -> tuple[list[Window], list[Labelled]]:
    """Return the tiles of a case and what they are labelled."""
    rules = Rules.model_validate(
        {
            "tiles": {"size": case.size, "max_nodata": 1},
            "labels": [
                {"layer": name, "word": word, "buffer": buffer, "min_cover": cover}
                for word, (_, name, buffer, cover) in case.words.items()
            ],
        }
    )
    raster = Raster.open(folder / case.raster)
    labeller = Labeller(Layers([folder / file for file, *_ in case.words.values()]), rules, raster)
    cut = [(strip.windows, labeller.label(strip)) for strip in strips(raster, make_grid(raster, rules.tiles))]
    return [window for windows, _ in cut for window in windows], [tile for _, tiles in cut for tile in tiles]


def cover_by_pixels(case: Case, folder: Path, windows: Sequence[Window], finer: int = 4) -> dict[str, np.ndarray]:
    """Return by word the share of each window's valid pixels, (n,), that the layer's geometries fill."""
    covers = {}
    with rasterio.open(folder / case.raster) as raster:
        for word, (file, name, buffer, _) in case.words.items():
            shapes = folder / file
            frame = geopandas.read_file(readable(shapes) if is_shapefile(shapes) else shapes, layer=name)
            frame = frame[frame.geometry.notna()]
            if buffer:
                frame = frame.to_crs(frame.estimate_utm_crs()).buffer(buffer)
            shapes = frame.to_crs(raster.crs).geometry.make_valid()
            covers[word] = np.array([_filled(raster, shapes, window, finer) for window in windows])
    return covers


def _filled(raster: rasterio.DatasetReader, shapes: geopandas.GeoSeries, window: Window, finer: int) -> float:
    at = rasterio.windows.Window(window.column, window.row, window.width, window.height)
    valid = np.kron(raster.dataset_mask(window=at) > 0, np.ones((finer, finer), bool))
    here = raster.transform @ Affine.translation(window.column, window.row)
    (left, top), (right, bottom) = here @ (0, 0), here @ (window.width, window.height)
    transform = here @ Affine.scale(1 / finer)
    near = shapes.cx[left:right, bottom:top]
    if not len(near):
        return 0.0
    return float((rasterize(near, valid.shape, transform=transform).astype(bool) & valid).sum() / valid.sum())


def compared(case: Case, folder: Path) -> dict[str, dict[str, float]]:
    """Return by word how many tiles have it, and the two intersections over union."""
    windows, labelled = labels_of(case, folder)
    found = {}
    for word, pixels in cover_by_pixels(case, folder, windows).items():
        ours = np.array([tile.cover.get(word, 0.0) for tile in labelled])
        given = np.array([word in tile.labels for tile in labelled])
        by_pixels = (pixels > 0) & (pixels >= case.words[word][3])
        found[word] = {
            "tiles": int(given.sum()),
            "cover_iou": float(np.minimum(ours, pixels).sum() / np.maximum(ours, pixels).sum()),
            "label_iou": float((given & by_pixels).sum() / (given | by_pixels).sum()),
        }
    return found


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="gis_layers.tar.gz of the evaluation data")
    options = parser.parse_args()
    with TemporaryDirectory(prefix="mindseye-bench-") as folder:
        with tarfile.open(options.data) as packed:
            packed.extractall(folder, filter="data")
        json.dump({case.raster: compared(case, Path(folder)) for case in CASES}, sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
