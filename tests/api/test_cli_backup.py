"""`mindseye export` and `import`: the same answers afterwards, by the command line and the real pocket space."""

import json
import shutil
from pathlib import Path

import pytest

from mindseye.api import spaces
from mindseye.engine.errors import MindseyeError

DONE, NO_MATCH, USAGE, PARTLY, FAILED = range(5)
OKAPI = ("imagine", "okapi", "--size", "40", "--method", "recollection")


def indexed_copies(run, pictures, folder: Path) -> Path:
    """Copy photographs under their words' names, index them, and return their folder."""
    folder.mkdir()
    for picture in pictures:
        shutil.copy2(picture.path, folder / f"{picture.word}.png")
    assert run("index", folder, "--collection", "demo")[0] == DONE
    return folder


@pytest.fixture
def indexed(run, demo_manifest, tmp_path) -> Path:
    """A folder of three photographs, indexed; one of them is cat.png."""
    few = [picture for picture in demo_manifest.pictures if picture.word in ("cat", "coffee", "rocket")]
    return indexed_copies(run, few, tmp_path / "photos")


def told(run, *arguments: object) -> dict:
    """Return what a command says as JSON, but for the time it took."""
    answer = json.loads(run(*arguments, "--json")[1])
    return {name: value for name, value in answer.items() if name not in ("timings_ms", "seconds")}


@pytest.mark.slow
def test_search_says_the_same_before_and_after(run, demo_manifest, tmp_path):
    photos = indexed_copies(run, demo_manifest.pictures, tmp_path / "photos")
    imagined = told(run, *OKAPI)
    queries = [("search", word, "--imagine", "never") for word in ("cat", "volcano")]
    queries += [("similar", "cat.png"), ("explain", "rocket.png")]
    before = [told(run, *query) for query in queries]
    code, out, err = run("export", tmp_path / "export.zip", "--json")
    assert code == DONE and err == ""
    report = json.loads(out)
    assert report["vectors"] == report["rows"]["embedding"] >= 13 and report["files"] == 1
    assert report["bytes"] == (tmp_path / "export.zip").stat().st_size
    there = ("--library", tmp_path / "there")
    code, out, err = run("import", tmp_path / "export.zip", "--json", *there)
    assert code == DONE and err == ""
    assert json.loads(out)["rows"] == report["rows"]
    assert [told(run, *query, *there) for query in queries] == before
    again = told(run, *OKAPI, *there)
    old, new = (str(tmp_path / name / "imagined") for name in ("library", "there"))
    assert json.loads(json.dumps(imagined).replace(old, new)) == again
    assert told(run, "index", photos, "--collection", "demo", *there)["unchanged"] == 13


def test_photos_that_were_moved_are_found_without_encoding(run, indexed, tmp_path):
    run("export", tmp_path / "export.zip")
    indexed.rename(tmp_path / "elsewhere")
    moved = f"{indexed}={tmp_path / 'elsewhere'}"
    code, out, _ = run("import", tmp_path / "export.zip", "--library", tmp_path / "there", "--move", moved)
    assert code == DONE and "3 items" in out and "restored to" in out
    report = told(run, "index", tmp_path / "elsewhere", "--collection", "demo", "--library", tmp_path / "there")
    assert (report["unchanged"], report["added"], report["missing"]) == (3, 0, 0)
    hits = told(run, "search", "cat", "-n", "1", "--library", tmp_path / "there")["hits"]
    assert hits[0]["uri"] == (tmp_path / "elsewhere" / "cat.png").as_uri()


def test_neither_needs_a_space(run, indexed, tmp_path, monkeypatch):
    def refuse(*arguments: object) -> None:
        raise MindseyeError("no network can be loaded")

    monkeypatch.setattr("mindseye.api.mindseye.open_space", refuse)
    monkeypatch.setattr(spaces, "open_space", refuse)
    assert run("status")[0] == FAILED
    assert run("export", tmp_path / "export.zip")[0] == DONE
    assert run("import", tmp_path / "export.zip", "--library", tmp_path / "there")[0] == DONE


def test_wrong_requests_and_bad_files_have_one_message_and_a_code(run, tmp_path):
    zip_file = tmp_path / "export.zip"
    code, _, err = run("export", zip_file)
    assert code == USAGE and "no library" in err and not zip_file.exists()
    zip_file.write_text("something else")
    code, _, err = run("import", zip_file)
    assert code == FAILED and "was not written by `mindseye export`" in err and "take another copy" in err
    code, _, err = run("import", tmp_path / "none.zip")
    assert code == USAGE and "there is no file" in err
    code, _, err = run("import", zip_file, "--move", "here")
    assert code == USAGE and "--move OLD=NEW" in err
    assert not (tmp_path / "library").exists()


def test_a_file_and_a_library_are_not_written_over(run, indexed, tmp_path):
    zip_file = tmp_path / "export.zip"
    assert run("export", zip_file)[0] == DONE
    code, _, err = run("export", zip_file)
    assert code == USAGE and "--force" in err
    assert run("export", zip_file, "--force")[0] == DONE
    code, _, err = run("import", zip_file)
    assert code == USAGE and "there is a library in" in err


def test_an_imagined_picture_that_is_gone_is_told_and_the_rest_is_written(run, indexed, tmp_path):
    picture = told(run, *OKAPI)["uri"]
    (tmp_path / "library" / "imagined" / picture.rsplit("/", 1)[1]).unlink()
    code, out, err = run("export", tmp_path / "export.zip")
    assert code == PARTLY and "is gone; its rows are exported without it" in err and " 0 files (" in out
