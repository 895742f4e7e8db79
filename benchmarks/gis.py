"""Tiles labelled a second on one core, and peak memory by the size of the raster, as JSON.

The layers are real: roads, farms, water and 4,708 buildings around Swellendam, of the evaluation data. The rasters are
made here over the same place: pixels as large as its aerial photograph's, a picture turned within margins of no data.
"""

import argparse
import json
import os
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import rasterio
from rasterio import Affine
from rasterio.windows import Window

COMMAND = Path(sys.executable).with_name("mindseye")
DATA = (
    Path(os.environ.get("MINDSEYE_DATA") or Path(__file__).parents[1] / ".." / "shared" / "data") / "gis_layers.tar.gz"
)
SIDES = (2_000, 20_000)  # pixels
BLOCK = 512  # pixels of a block of the GeoTIFF
PIXEL = 2.5e-5  # degrees: 2.3 m, as the photograph's
CENTRE = (20.45, -34.05)  # where the town is
TURN = 10  # degrees: how the picture lies within its margins
ONE_CORE = {"OMP_NUM_THREADS": "1", "GDAL_NUM_THREADS": "1"}
RULES = """
tiles: {size: 256}
labels:
  - {layer: roads_33S, word: road, min_length: 50}
  - {layer: training_data/roads, where: "highway = 'residential'", word: street, buffer: 4}
  - {layer: training_data/buildings, word: building, min_cover: 0.01}
  - {layer: farms_33S, word: farm, min_cover: 0.5}
  - {layer: urban_33S, word: town, min_cover: 0.3}
  - {layer: water_33S, word: river, min_cover: 0.02}
"""
LAYERS = ("projected_data/roads_33S.shp", "projected_data/farms_33S.shp", "projected_data/urban_33S.shp",
          "projected_data/water_33S.shp", "training_data.gpkg")  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="gis_layers.tar.gz of the evaluation data")
    parser.add_argument("--sides", type=int, nargs="+", default=SIDES, help="of the rasters, in pixels, ascending")
    options = parser.parse_args()
    with TemporaryDirectory(prefix="mindseye-bench-") as folder:
        place = Path(folder)
        layers = layers_in(options.data, place)
        (place / "rules.yaml").write_text(RULES)
        runs = [measured(made(place / f"{side}.tif", side), layers, place) for side in options.sides]
        photo = measured(place / "swellendam/raster/3420B_2010_328_RGB_LATLNG.tif", layers, place)
    json.dump(figures(runs, photo), sys.stdout, indent=2)
    sys.stdout.write("\n")


def layers_in(archive: Path, place: Path) -> list[Path]:
    """Unpack the place's files and return those of its layers."""
    with tarfile.open(archive) as packed:
        wanted = [member for member in packed if "swellendam/" in member.name]
        packed.extractall(place, wanted, filter="data")
    found = next(place.rglob("swellendam"))
    if found != place / "swellendam":
        found.rename(place / "swellendam")
    return [place / "swellendam" / name for name in LAYERS]


def made(path: Path, side: int) -> Path:
    """Write a tiled, compressed GeoTIFF of three bands: noise over slow waves, 0 where there is no data."""
    half = side * PIXEL / 2
    profile = {
        "driver": "GTiff", "width": side, "height": side, "count": 3, "dtype": "uint8", "crs": "EPSG:4326",
        "transform": Affine(PIXEL, 0, CENTRE[0] - half, 0, -PIXEL, CENTRE[1] + half), "nodata": 0, "tiled": True,
        "blockxsize": BLOCK, "blockysize": BLOCK, "compress": "deflate", "zlevel": 1, "interleave": "pixel",
    }  # fmt: skip
    grain = np.random.default_rng(0).integers(0, 8, (3, BLOCK, BLOCK), np.uint8)
    with rasterio.open(path, "w", **profile) as raster:
        for row in range(0, side, BLOCK):
            for column in range(0, side, BLOCK):
                window = Window(column, row, min(BLOCK, side - column), min(BLOCK, side - row))
                raster.write(_block(window, side, grain), window=window)
    return path


def _block(window: Window, side: int, grain: np.ndarray) -> np.ndarray:
    y, x = np.mgrid[: window.height, : window.width]
    x, y = (x + window.col_off) / side - 0.5, (y + window.row_off) / side - 0.5
    turn = np.deg2rad(TURN)
    across, along = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    inside = np.maximum(np.abs(across), np.abs(along)) < 0.42
    wave = (np.sin(40 * x) * np.cos(30 * y) * 60 + 120).astype(np.uint8)
    return (wave + grain[:, : window.height, : window.width]) * inside


def measured(raster: Path, layers: list[Path], place: Path) -> dict[str, Any]:
    """Label a raster by the command, on one core, and return what it took.

    Seconds are the processor's, with the start of the command and hashing of the raster: what else runs
    on the machine has no say.
    """
    output = place / f"tiles-of-{raster.stem}"
    command = [COMMAND, "gis", "label", raster, "--layers", *layers]
    command += ["--rules", place / "rules.yaml", "-o", output, "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ | ONE_CORE, preexec_fn=_one_core) as process:
        assert process.stdout is not None
        report = json.load(process.stdout)
        _, _, usage = os.wait4(process.pid, 0)
    version, spent = report["version"], usage.ru_utime + usage.ru_stime
    with rasterio.open(raster) as opened:
        size = [opened.width, opened.height]
    return {
        "pixels": size,
        "tiles": version["seen"],
        "labelled": version["tiles"] - version["unlabelled"],
        "counts": version["counts"],
        "seconds": round(report["seconds"], 2),
        "cpu_seconds": round(spent, 2),
        "tiles_per_second": round(version["seen"] / spent, 1),
        "reading_tiles_per_second": round(reading_speed(raster), 1),
        "peak_mb": round(usage.ru_maxrss / 1024, 1),
    }


def _one_core() -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def reading_speed(raster: Path, tiles: int = 200) -> float:
    """Return how many tiles of pixels are merely read a second: what labelling is compared with."""
    with rasterio.Env(GDAL_NUM_THREADS=1), rasterio.open(raster) as opened:
        across, down = opened.width // 256, opened.height // 256
        middle = (across * down - min(tiles, across * down)) // 2
        began, number = time.process_time(), min(tiles, across * down)
        for each in range(middle, middle + number):
            opened.read(window=Window(each % across * 256, each // across * 256, 256, 256))
        return number / (time.process_time() - began)


def figures(runs: list[dict[str, Any]], photo: dict[str, Any]) -> dict[str, Any]:
    """Return the runs, the speed of the largest beside that of reading, and how far its peak is above the first's."""
    first, last = runs[0], runs[-1]
    return {
        "runs": runs,
        "photograph": photo,
        "tiles_per_second": last["tiles_per_second"],
        "share_of_reading_speed": round(last["tiles_per_second"] / last["reading_tiles_per_second"], 3),
        "more_peak_mb": round(last["peak_mb"] - first["peak_mb"], 1),
    }


if __name__ == "__main__":
    main()
