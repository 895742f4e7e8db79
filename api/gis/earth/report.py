"""What `mindseye demo earth` prints for people."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any


def lines(told: Mapping[str, Any]) -> Iterator[str]:
    """Yield what came of it, and where the page is."""
    size, labels, held = told["raster"], told["labels"], told["held_out"]
    yield f"raster {size['width']:,} x {size['height']:,}; " + ", ".join(
        f"{number:,} {name}" for name, number in told["layers"].items()
    )
    shown = sorted(labels.items(), key=lambda pair: -pair[1])[:8]
    yield f"labels: {', '.join(f'{word} {number:,}' for word, number in shown)} and {len(labels) - len(shown)} more"
    if reason := told["fit"]["kept_back"]:
        yield f"the fitted space is kept back: {reason}"
    yield f"held out: {held['tiles']:,} tiles, a space fitted to {held['learned']:,} others; average precision"
    for word, found in held["words"].items():
        yield f"  {word:<8}{found['before']:.3f} before, {found['after']:.3f} after (chance {found['share']:.3f})"
    for word, tiles in told["searches"].items():
        yield f"{word}: {'; '.join(degrees(tile['box']) for tile in tiles[:3])}"
    yield f"{sum(told['seconds'].values()):.0f} s: " + ", ".join(
        f"{step} {s:.0f}" for step, s in told["seconds"].items()
    )
    yield told["page"]


def degrees(box: Sequence[float]) -> str:
    """Return the middle of west, south, east and north as people write it: `22° N, 10° E`."""
    west, south, east, north = box
    longitude, latitude = (west + east) / 2, (south + north) / 2
    return f"{abs(latitude):g}° {'NS'[latitude < 0]}, {abs(longitude):g}° {'EW'[longitude < 0]}"
