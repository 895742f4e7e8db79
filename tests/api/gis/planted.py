"""A raster of tiles whose look says their words: stripes are parking lots, blotches marshes, some tiles are both."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import rasterio

from tests.indexer.gis.tiling import CRS, DEGREE, SIDE, tiles_of, write_tileset

STRIPES, BLOTCHES = "parking lot", "marsh"
COLUMNS, ROWS = 8, 6
CHANGED, INSTEAD = (6, 1), (2, 4)  # the tile that shows, later, what another one shows
Words = dict[tuple[int, int], tuple[str, ...]]


def words_of(columns: int, rows: int, seed: int = 0) -> Words:
    """Return the words of tiles by column and row: a third none, a third each of the words, a few both."""
    draw = np.random.default_rng(seed).random((columns, rows, 2)) < 0.45
    return {
        (x, y): tuple(word for word, shows in zip((STRIPES, BLOTCHES), draw[x, y], strict=True) if shows)
        for x in range(columns)
        for y in range(rows)
    }


def paint(words: tuple[str, ...], draw: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Return the pixels (3, SIDE, SIDE) of a tile that shows some words, on sand."""
    pixels = np.full((3, SIDE, SIDE), 1.0) * np.array([200, 180, 140])[:, None, None]
    if STRIPES in words:
        pixels[:, (np.arange(SIDE) + draw.integers(8)) % 8 < 4, : SIDE // 2] = np.array([60, 60, 70])[:, None, None]
    if BLOTCHES in words:
        rough = draw.random((SIDE // 4, SIDE // 8)).repeat(4, axis=0).repeat(4, axis=1) > 0.5
        pixels[:, :, SIDE // 2 :][:, rough] = np.array([20, 90, 60])[:, None]
    return np.clip(pixels + draw.normal(0, 6, pixels.shape), 0, 255).astype(np.uint8)


def planted_tiles(
    folder: Path, words: Words, columns: int, rows: int, name: str = "land", seed: int = 0, date: str | None = None
) -> Path:
    """Write a raster of tiles and a tile set of it, labelled; return the set's folder."""
    draw = np.random.default_rng(seed)
    pixels = np.zeros((3, rows * SIDE, columns * SIDE), np.uint8)
    for (x, y), told in words.items():
        pixels[:, y * SIDE : (y + 1) * SIDE, x * SIDE : (x + 1) * SIDE] = paint(told, draw)
    raster = folder / f"{name}.tif"
    write_raster(raster, pixels)
    return write_tileset(folder / name, tiles_of(raster, words, date))


def write_raster(path: Path, pixels: npt.NDArray[np.uint8]) -> None:
    """Write pixels (3, height, width) as a GeoTIFF whose upper left corner lies at 20° east, 34° south."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shape = {"height": pixels.shape[1], "width": pixels.shape[2], "count": 3, "dtype": "uint8"}
    place = rasterio.Affine(1 / DEGREE, 0, 20, 0, -1 / DEGREE, -34)
    with rasterio.open(path, "w", driver="GTiff", crs=CRS, transform=place, **shape) as raster:
        raster.write(pixels)


def repainted(folder: Path, raster: Path, words: Words, name: str = "later", date: str | None = None) -> Path:
    """Write a raster again, one of its tiles painted as another one is, and its tile set; return the set's folder."""
    with rasterio.open(raster) as opened:
        pixels = opened.read()
    (x, y), (u, v) = CHANGED, INSTEAD
    there = pixels[:, v * SIDE : (v + 1) * SIDE, u * SIDE : (u + 1) * SIDE]
    pixels[:, y * SIDE : (y + 1) * SIDE, x * SIDE : (x + 1) * SIDE] = there
    write_raster(folder / f"{name}.tif", pixels)
    return write_tileset(folder / name, tiles_of(folder / f"{name}.tif", words | {CHANGED: words[INSTEAD]}, date))
