"""The zero-shot command: what it keeps, what it writes, what it refuses."""

import csv
import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from mindseye.api.cli_zero_shot import flat_rows, table_lines
from mindseye.api.evaluation.cells import Cells
from mindseye.api.evaluation.hit_curves import plot_hits
from mindseye.api.evaluation.zero_shot import METHODS, evaluate_zero_shot
from mindseye.engine.errors import UsageError

HITS = {f"hit_at_{k}": k / 100 for k in (1, 2, 5, 10, 20)}
FIGURES = {
    "pictures": 10,
    "candidates": 200,
    "conse": {**HITS, "hubness": 1.5, "generalised": HITS, "seconds_to_fit": 0.0},
    "ridge_word_to_visual_minilm": HITS,
    "pocket": {**HITS, "hierarchical_precision_at_5": 0.2},
    "corrections": {"conse": {"csls": {**HITS, "hit_at_1": 0.5, "generalised": HITS}}},
}


def test_a_kept_cell_is_not_measured_again(tmp_path):
    counted = iter(range(9))
    cells = Cells(tmp_path)
    assert [cells.get((key, [1, "x"]), lambda: {"n": next(counted)}) for key in "aab"] == [{"n": 0}, {"n": 0}, {"n": 1}]
    assert Cells(tmp_path).get(("a", [1, "x"]), lambda: {"n": next(counted)}) == {"n": 0}
    assert Cells(tmp_path, fresh=True).get(("a", [1, "x"]), lambda: {"n": next(counted)}) == {"n": 2}
    assert Cells(tmp_path).get(("a", [1, "x"]), lambda: {"n": next(counted)}) == {"n": 2}


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff", b"3"])
def test_a_damaged_cell_is_measured_again(tmp_path, damage):
    Cells(tmp_path).get(("a",), lambda: {"n": 0})
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(damage)
    assert Cells(tmp_path).get(("a",), lambda: {"n": 1}) == Cells(tmp_path).get(("a",), dict) == {"n": 1}


def test_a_failure_keeps_nothing(tmp_path):
    with pytest.raises(ZeroDivisionError):
        Cells(tmp_path / "cells").get(("a",), lambda: {"n": 1 // 0})
    assert Cells(tmp_path / "cells").get(("a",), lambda: {"n": 2}) == {"n": 2}


def test_a_killed_run_loses_one_cell_at_most(tmp_path):
    code = (
        "import sys, time; from pathlib import Path; from mindseye.api.evaluation.cells import Cells\n"
        "cells = Cells(Path(sys.argv[1]))\n"
        "for n in range(9):\n"
        "    cells.get((n,), lambda: {'n': n} if n < 3 else print('three kept', flush=True) or time.sleep(60))"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE) as run:
        assert run.stdout.readline() == b"three kept\n"
        os.kill(run.pid, signal.SIGKILL)
    measured = []
    figures = [Cells(tmp_path).get((n,), lambda n=n: measured.append(n) or {"n": n}) for n in range(5)]
    assert figures == [{"n": n} for n in range(5)] and measured == [3, 4]


def test_a_row_a_method_with_nested_names_joined():
    rows = flat_rows(FIGURES)
    assert list(rows) == ["conse", "ridge_word_to_visual_minilm", "pocket"]
    assert rows["conse"]["generalised.hit_at_5"] == 0.05 and rows["conse"]["corrections.csls.hit_at_1"] == 0.5


def test_the_table_is_markdown_in_percent_with_corrections_as_rows():
    lines = table_lines(flat_rows(FIGURES))
    assert lines[2] == "| conse | 1.0 | 2.0 | 5.0 | 10.0 | 20.0 | 1.0 | 5.0 |  |  |  | 1.50 | 0.00 |"
    assert lines[3].startswith("| conse, csls | 50.0 | 2.0 ")
    assert lines[5].startswith("| pocket | 1.0 ") and " | 20.0 |  |  |" in lines[5]
    assert len(lines) == 6 and len({line.count("|") for line in lines}) == 1


@pytest.mark.parametrize("names", [["pocket"], ["conse", "pocket"], ["ridge_word_to_visual_minilm"]])
def test_the_plot_is_a_picture_with_something_on_it(tmp_path, names):
    plot_hits({name: FIGURES[name] for name in names}, tmp_path / "hits.png")
    pixels = np.asarray(Image.open(tmp_path / "hits.png").convert("L"))
    assert pixels.shape[1] > 700 and 0.005 < (pixels < 128).mean() < 0.5


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [({"methods": ["pocket,devize"]}, "no method is called 'devize'"), ({"corrections": ["cls"]}, "no correction")],
)
def test_a_name_that_is_none_is_refused_before_any_work(tmp_path, asked, complaint):
    with pytest.raises(UsageError, match=complaint):
        evaluate_zero_shot(tmp_path, tmp_path, **asked)


@pytest.mark.slow
def test_the_command_writes_all_its_outputs_and_takes_up_where_it_was(unpacked, cache, tmp_path):
    images = str(unpacked.folder("imagenet_sample_1k"))
    program = [sys.executable, "-c", "from mindseye.api.cli import main; main()"]
    command = [*program, "evaluate", "zero-shot", "--images", images]
    options = ["--methods", "conse,ridge_word_to_visual", "--methods", "devise", "--correction", "csls", "--json"]
    outputs = ["--csv", str(tmp_path / "t.csv"), "--plot", str(tmp_path / "t.png")]
    environment = {**os.environ, "MINDSEYE_CACHE": str(cache)}
    runs = [
        subprocess.run([*command, *options, *outputs], env=environment, capture_output=True, check=True)
        for _ in range(2)
    ]
    first, second = (json.loads(run.stdout) for run in runs)
    assert first == second  # seconds to fit too: nothing was measured twice
    assert [n for n in first if n in METHODS] == ["ridge_word_to_visual", "devise", "conse"]
    with (tmp_path / "t.csv").open(newline="") as file:
        rows = {row["method"]: row for row in csv.DictReader(file)}
    assert float(rows["conse"]["hit_at_5"]) == first["conse"]["hit_at_5"]
    assert float(rows["devise"]["corrections.csls.hit_at_1"]) == first["corrections"]["devise"]["csls"]["hit_at_1"]
    with Image.open(tmp_path / "t.png") as picture:
        assert picture.format == "PNG"
