"""How smoothly a map of 20,000 points is moved and zoomed in Chromium, and how long it takes to make one.

Prints JSON. `draw_ms`: time spent in scripts for a frame; `frame_ms`: between two frames, as the browser gives them.

    python benchmarks/map.py [--points 20000] [--chromium /usr/bin/chromium] [--fit]
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from mindseye.api.maps.chart import Chart
from mindseye.api.maps.one_file import one_file
from mindseye.engine.projection import NEAREST, Near, fit
from mindseye.indexer.index.faiss import FaissIndex
from mindseye.indexer.maps import Point

SWITCHES = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
WIDTH, PICTURES, DOCUMENTS = 896, 0.3, 0.1  # of a joint row; shares of the points
MEASURE = """async () => {
  const stage = mindseyeMap.stage, next = () => new Promise(requestAnimationFrame);
  const part = (all, share) => +[...all].sort((a, b) => a - b)[Math.floor(share * (all.length - 1))].toFixed(1);
  const told = (all) => ({ p50: part(all, 0.5), p95: part(all, 0.95), most: part(all, 1) });
  async function run(frames, act) {
    await new Promise((done) => setTimeout(done, 1500)); // what is worked out between frames is worked out
    stage.frames.length = 0;
    const gaps = [];
    let last = await next();
    for (let n = 0; n < frames; n++) { act(n); const now = await next(); gaps.push(now - last); last = now; }
    return { draw_ms: told(stage.frames), frame_ms: told(gaps) };
  }
  const circle = (n) => { stage.view.pan(9 * Math.cos(n / 12), 9 * Math.sin(n / 12)); stage.moved(); };
  const result = { panning_all: await run(240, circle) };
  result.zooming = await run(240, (n) => stage.zoom(n < 120 ? 1.03 : 1 / 1.03, 500, 400));
  stage.zoom(6, 500, 400);
  result.panning_near = await run(240, circle);
  return result;
}"""


def planted(points: int, seed: int = 0) -> tuple[np.ndarray, Chart]:
    """Return rows in a hundred clusters, and a chart of them whose places are clusters, too."""
    rng = np.random.default_rng(seed)
    cluster = rng.integers(0, 100, points)
    rows = (rng.normal(size=(100, WIDTH))[cluster] + rng.normal(size=(points, WIDTH))).astype(np.float32)
    places = rng.uniform(-80, 80, (100, 2))[cluster] + rng.normal(0, 5, (points, 2))
    pictures, documents = int(points * PICTURES), int(points * DOCUMENTS)
    kinds = ["image"] * pictures + ["document"] * documents + ["word"] * (points - pictures - documents)
    text, everything = "what it says " * 4, ("all",)
    told = [
        Point(n, n, f"file:///{n}.jpg", kind, "found", f"name {n}", text, f"{n:064x}", everything, ())
        for n, kind in enumerate(kinds, 1)
    ]
    return rows, Chart(tuple(told), places.astype(np.float32))


def seconds_to_fit(rows: np.ndarray) -> dict[str, float]:
    """Return how long exact neighbours and the arrangement take, for items of one modality."""
    started, ids = time.monotonic(), np.arange(len(rows))
    index = FaissIndex(WIDTH)
    index.add(ids, rows)
    pieces = [rows[start : start + 1024] for start in range(0, len(rows), 1024)]
    found = [each for piece in pieces for each in index.search(piece, NEAREST + 1)]
    near = Near(ids, np.stack([each.ids[1:] for each in found]), np.stack([each.scores[1:] for each in found]), False)
    searched = time.monotonic()
    fit(rows, [near])
    return {"neighbours_s": round(searched - started, 1), "arranging_s": round(time.monotonic() - searched, 1)}


def smoothness(page: Page, file: Path) -> dict[str, object]:
    """Return what moving and zooming the map in a file costs."""
    started = time.monotonic()
    page.goto(file.as_uri())
    page.wait_for_selector("#legend li")
    return {"opened_s": round(time.monotonic() - started, 1), **page.evaluate(MEASURE)}


def main() -> None:
    """Measure, and print JSON."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--points", type=int, default=20_000)
    arguments.add_argument("--chromium", default="/usr/bin/chromium")
    arguments.add_argument("--fit", action="store_true", help="time making a map, too")
    told = arguments.parse_args()
    rows, chart = planted(told.points)
    with tempfile.TemporaryDirectory() as folder:
        small, file = Path(folder) / "small.jpg", Path(folder) / "map.html"
        Image.fromarray(np.random.default_rng(0).integers(0, 255, (12, 16, 3), np.uint8)).resize((256, 192)).save(small)
        file.write_text(one_file(chart, lambda point: small, "A map"), encoding="utf-8")
        result: dict[str, object] = {"points": told.points, "megabytes": round(file.stat().st_size / 1e6, 1)}
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=told.chromium, args=list(SWITCHES))
            result |= smoothness(browser.new_page(viewport={"width": 1280, "height": 800}), file)
            browser.close()
    if told.fit:
        result |= seconds_to_fit(rows)
    json.dump(result, sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
