"""The command line: what is printed where, and every exit code."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mindseye.api import cli
from mindseye.indexer.library import Library
from mindseye.indexer.models import Meta

DONE, NO_MATCH, USAGE, PARTLY, FAILED = range(5)


@pytest.fixture(scope="module")
def photos(demo_manifest):
    return {p.word: p.path for p in demo_manifest.pictures}


@pytest.fixture
def folder(tmp_path, photos) -> Path:
    """Three photographs under their words' names."""
    made = tmp_path / "photos"
    made.mkdir()
    for word in ("cat", "coffee", "motorcycle"):
        (made / f"{word}.png").write_bytes(photos[word].read_bytes())
    return made


def test_index_search_explain_remove(run, folder):
    assert run("index", folder)[0] == DONE
    code, out, _ = run("search", "cat", "--imagine", "never")
    assert code == DONE and out.startswith("match (P = ") and "cat.png" in out.splitlines()[1]
    code, out, _ = run("search", "volcano", "--imagine", "never")
    assert code == NO_MATCH and out.startswith("no match")
    code, out, _ = run("explain", "cat.png", "--json")
    assert code == DONE and json.loads(out)["item"]["uri"] == (folder / "cat.png").resolve().as_uri()
    code, out, _ = run("remove", folder / "cat.png", "--json")
    assert (code, json.loads(out)) == (DONE, {"removed": 1})
    code, out, _ = run("status", "--json")
    assert json.loads(out)["vectors"] == 2


def test_json_on_stdout_only(run, folder):
    code, out, _ = run("index", folder, "--json")
    assert code == DONE and json.loads(out)["added"] == 3
    for command in (["search", "cat"], ["similar", "cat.png"], ["collections"], ["status"], ["status", "--skipped"]):
        code, out, _ = run(*command, "--json")
        assert code == DONE, command
        json.loads(out)
    hits = json.loads(run("search", "coffee", "-n", "1", "--json")[1])["hits"]
    assert [hit["uri"] for hit in hits] == [(folder / "coffee.png").resolve().as_uri()]


def test_the_library_may_be_named_before_or_after_the_command(run, folder, tmp_path):
    assert run("--library", tmp_path / "a", "index", folder)[0] == DONE
    assert run("status", "--library", tmp_path / "a")[1].startswith(f"library   {tmp_path / 'a'}")
    assert run("status")[0] == USAGE, "the other library was never made"


def test_search_by_picture(run, folder, photos):
    run("index", folder)
    code, out, _ = run("search", "--image", photos["coffee"], "-n", "1")
    assert code == DONE and "coffee.png" in out


def test_a_bad_file_is_told_and_the_others_are_indexed_under_their_names(run, folder, photos):
    (folder / "letter.jpg").write_text("Dear reader")
    (folder / "nothing.png").write_bytes(b"")
    (folder / "cut.jpg").write_bytes(photos["rocket"].read_bytes()[:20_000])
    code, out, err = run("index", folder)
    assert code == PARTLY and "3 added" in out and "3 skipped" in out
    for reason in ("letter.jpg is not a picture", "nothing.png is empty", "cut.jpg is cut short"):
        assert reason in err
        assert reason in run("status", "--skipped")[1]
    assert "motorcycle.png" in run("search", "motorcycle", "-n", "1")[1]


def test_a_folder_without_pictures_says_what_was_looked_for(run, tmp_path):
    (tmp_path / "empty").mkdir()
    code, out, err = run("index", tmp_path / "empty")
    assert code == DONE and "0 files seen" in out and ".webp" in err and ".epub" in err


def test_missing_paths_are_all_named_before_anything_is_made(run, folder, tmp_path):
    code, out, err = run("index", folder, tmp_path / "x", tmp_path / "y")
    assert code == USAGE and str(tmp_path / "x") in err and str(tmp_path / "y") in err and out == ""
    assert not (tmp_path / "library").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["search", ""], "the query is empty"),
        (["search"], "a query or --image"),
        (["search", "x" * 100_000], "100,000 characters"),
        (["search", "wampimuk"], "--means"),
        (["imagine", "wampimuk"], "--means"),
        (["imagine", "okapi", "--sense", "7"], "no sense 7"),
        (["imagine", "okapi", "--size", "5000"], "5000"),
        (["imagine", "okapi", "-o", "okapi.jpg"], "no .png"),
        (["imagine", "okapi", "-o", "nowhere/okapi.png"], "no folder"),
        (["similar", "999"], "999"),
        (["explain", "nothing.png"], "nothing.png"),
        (["remove"], "nothing was named"),
        (["frobnicate"], "frobnicate"),
        (["search", "cat", "-n", "0"], "greater than or equal to 1"),
        (["evaluate", "retrieval", "--images", "/nowhere"], "/nowhere"),
    ],
    ids=lambda value: " ".join(value)[:30] if isinstance(value, list) else "",
)
def test_a_wrong_request_has_one_message_and_exit_code_2(run, folder, arguments, message):
    run("index", folder)
    code, out, err = run(*arguments)
    assert code == USAGE and message in err and out == "" and "Traceback" not in err


def test_a_library_that_cannot_be_written_fails_with_4(run, folder, tmp_path):
    (tmp_path / "library").write_text("a file in the way")
    code, _, err = run("index", folder)
    assert code == FAILED and str(tmp_path / "library") in err


def test_a_library_of_another_encoder_is_refused_and_can_be_moved(run, folder, tmp_path, pocket):
    run("index", folder)
    with Library.open(tmp_path / "library", pocket) as library, library.database.write() as session:
        session.get(Meta, "encoder").value = "anotherencoder00"
    code, _, err = run("search", "cat")
    assert code == FAILED and "anotherencoder00" in err and "mindseye reembed" in err
    assert run("reembed")[0] == DONE
    assert "cat.png" in run("search", "cat", "-n", "1")[1]


@pytest.mark.slow
def test_imagine_writes_where_asked(run, tmp_path):
    code, out, _ = run("imagine", "okapi", "--size", "40", "-o", tmp_path / "okapi.png", "--json")
    told = json.loads(out)
    assert code == DONE and told["query"] == "okapi" and 0 < told["knowledge"] < 1
    assert np.asarray(Image.open(tmp_path / "okapi.png")).shape == (40, 40, 3)


def test_every_command_has_help_and_a_line_in_the_readme(run):
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    for command in cli.app.registered_commands:
        name = command.name or command.callback.__name__
        assert command.callback.__doc__, name
        assert f"mindseye {name}" in readme, name


@pytest.mark.slow
def test_the_installed_program_runs_and_its_search_does_without_torch(tmp_path, folder, cache):
    environment = {**os.environ, "MINDSEYE_LIBRARY": str(tmp_path / "library"), "MINDSEYE_CACHE": str(cache)}
    program = [str(Path(sys.executable).with_name("mindseye"))]
    subprocess.run([*program, "index", str(folder)], env=environment, check=True, capture_output=True)
    code = (
        "import sys; sys.argv = ['mindseye', 'search', 'cat', '--imagine', 'never']\n"
        "from mindseye.api import cli\n"
        "try: cli.main()\n"
        "except SystemExit as stop: sys.exit(stop.code or 9 * ('torch' in sys.modules))"
    )
    found = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert found.returncode == DONE and "cat.png" in found.stdout.splitlines()[1], found.stderr


def test_a_cache_that_cannot_be_written_fails_with_4(run, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("MINDSEYE_CACHE", str(tmp_path / "file" / "cache"))
    code, out, err = run("space", "show")
    assert code == FAILED and "MINDSEYE_CACHE" in err and out == ""


def test_a_missing_command_prints_help_and_nothing_strange(run):
    code, out, err = run()
    assert code == USAGE and "Commands" in out + err and "mindseye: ;" not in err


@pytest.mark.parametrize("arguments", [["--size", "0"], ["--seed", str(2**70)]])
def test_numbers_out_of_range_are_refused(run, arguments):
    code, _, err = run("imagine", "okapi", *arguments)
    assert code == USAGE and "Traceback" not in err
