"""Filters, pages, duplicates and sheets on the command line, in the real space."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from mindseye.api.formatting import printable
from mindseye.api.mindseye import Mindseye
from mindseye.indexer.files import path_of


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory, demo_manifest) -> Path:
    """The demo's photographs in a folder, with copies of the cat: one to the byte, one smaller, one cropped."""
    folder = tmp_path_factory.mktemp("photos") / "album"
    folder.mkdir()
    for picture in demo_manifest.pictures:
        shutil.copy(picture.path, folder / f"{picture.word}{picture.path.suffix}")
    cat = next(folder.glob("cat.*"))
    shutil.copy(cat, folder / f"cat-copy{cat.suffix}")
    with Image.open(cat) as image:
        image.convert("RGB").resize((image.width // 2, image.height // 2)).save(folder / "cat-small.jpg", quality=80)
        image.convert("RGB").crop((8, 8, image.width - 8, image.height - 8)).save(folder / "cat-crop.png")
    return folder


@pytest.fixture(scope="module")
def library(pocket, album: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("indexed") / "library"
    with Mindseye(root, pocket) as eye:
        eye.index([album], labels=["Album"])
    return root


@pytest.fixture
def indexed(run, library: Path, tmp_path: Path):
    """`mindseye …` on a library of its own that holds the album."""
    shutil.copytree(library, tmp_path / "library")
    return run


def asked(run, *arguments: object) -> dict:
    code, out, err = run(*arguments, "--imagine", "never", "--json")
    assert code in (0, 1), err
    return json.loads(out)


def names(answer: dict) -> list[str]:
    return [Path(hit["uri"]).name for hit in answer["hits"]]


def test_pages_join_into_one_ranking(indexed):
    whole = asked(indexed, "search", "cat", "-n", 15)
    pages = [asked(indexed, "search", "cat", "-n", 4, "--offset", offset) for offset in (0, 4, 8, 12)]
    assert [name for page in pages for name in names(page)] == names(whole)
    assert [hit["rank"] for page in pages for hit in page["hits"]] == list(range(1, len(whole["hits"]) + 1))
    assert {page["total"] for page in pages} == {len(whole["hits"])}
    assert len({json.dumps(page["decision"]) for page in pages}) == 1, "the decision is about all, whatever the page"
    beyond = asked(indexed, "search", "cat", "--offset", 1000)
    assert (beyond["hits"], beyond["decision"]["matched"]) == ([], True)


def test_near_duplicates_fold_into_the_best_hit(indexed):
    plain = asked(indexed, "search", "cat", "-n", 3)
    assert {name.split(".")[0] for name in names(plain)} <= {"cat", "cat-copy", "cat-small", "cat-crop"}
    folded = asked(indexed, "search", "cat", "-n", 3, "--fold", 0.8)
    first = folded["hits"][0]
    files = {Path(uri).stem for uri in (first["uri"], *first["also"], *first["near"])}
    assert files == {"cat", "cat-copy", "cat-small", "cat-crop"}
    assert not any(name.startswith("cat") for name in names(folded)[1:])
    second = asked(indexed, "search", "cat", "-n", 2, "--offset", 1, "--fold", 0.8)
    assert names(second) == names(folded)[1:]
    assert "near duplicates" in indexed("search", "cat", "--fold", "0.8", "--imagine", "never")[1]


def test_a_filter_takes_the_match_away_and_the_decision_with_it(indexed):
    assert asked(indexed, "search", "cat")["decision"]["matched"]
    without = asked(indexed, "search", "cat", "--path", "[!c]*.*")
    assert not any(name.startswith("c") for name in names(without))
    everything = asked(indexed, "search", "cat", "--label", "album")
    assert everything["decision"]["matched"] and everything["total"] > without["total"]
    nothing = asked(indexed, "search", "cat", "--path", "*.xyz")
    assert nothing["hits"] == [] and not nothing["decision"]["matched"]
    assert "filters" in nothing["decision"]["reason"]


def test_filters_by_date_size_and_pixels(indexed, album):
    newest = next(album.glob("rocket.*"))
    os.utime(newest, (1e9, 1e9))
    indexed("index", newest)
    assert names(asked(indexed, "search", "cat", "--date", "2001-09")) == [newest.name]
    sizes = sorted(path.stat().st_size for path in album.iterdir())
    assert len(asked(indexed, "search", "cat", "--size", f"{sizes[-1]}..")["hits"]) == 1
    with Image.open(newest) as image:
        side = max(image.size)
    assert newest.name in names(asked(indexed, "search", "rocket", "--pixels", f"{side}", "-n", 20))


def test_duplicates_are_listed_in_groups(indexed):
    code, out, _ = indexed("duplicates", "--json", "--likeness", 0.8)
    (group,) = json.loads(out)["groups"]
    files = {Path(uri).stem for uri in (group["uri"], *group["also"], *(near["uri"] for near in group["near"]))}
    assert (code, files) == (0, {"cat", "cat-copy", "cat-small", "cat-crop"})
    lines = indexed("duplicates", "--likeness", "0.8")[1].splitlines()
    assert lines[-1].startswith("1 groups, 3 files more than pictures")
    only_copies = json.loads(indexed("duplicates", "--json", "--likeness", 1.0)[1])["groups"]
    assert [len(each["also"]) for each in only_copies] == [1]


@pytest.mark.slow
def test_imagined_pictures_are_searched_apart(indexed, tmp_path):
    assert indexed("imagine", "zebra", "--method", "recollection")[0] == 0
    found = asked(indexed, "search", "zebra", "--origin", "imagined")
    assert (found["total"], len(found["hits"])) == (1, 1)
    assert names(found)[0] not in names(asked(indexed, "search", "zebra", "-n", 50))
    assert "imagined" in indexed("explain", found["hits"][0]["item_id"])[1]
    indexed("search", "zebra", "--origin", "imagined", "--grid", tmp_path / "dreams.png")
    told = json.loads(indexed("index", tmp_path / "dreams.png", "--json")[1])
    assert (told["added"], told["imagined"]) == (1, 1), "a sheet of dreams is marked as one"


def test_hits_are_written_as_one_picture(indexed, tmp_path):
    code, _, err = indexed("search", "cat", "-n", 7, "--imagine", "never", "--grid", tmp_path / "hits.png")
    assert code == 0, err
    with Image.open(tmp_path / "hits.png") as image:
        assert image.width > 5 * 200 and image.height > 2 * 200
        first = image.crop((6, 6, 206, 206))
    (hit,) = asked(indexed, "search", "cat", "-n", 1)["hits"]
    with Image.open(path_of(hit["uri"])) as photograph:
        whole = ImageOps.pad(photograph.convert("RGB"), (200, 200), color="white")
    assert np.abs(np.asarray(first, float) - np.asarray(whole, float)).mean() < 8, "the cat stands in the first cell"
    for thumbnail in (tmp_path / "library" / "thumbnails").rglob("*.jpg"):
        thumbnail.write_bytes(b"no")
    again = indexed("search", "cat", "-n", 7, "--imagine", "never", "--grid", tmp_path / "again.png")
    assert again[0] == 0 and (tmp_path / "again.png").read_bytes() == (tmp_path / "hits.png").read_bytes()
    assert indexed("search", "cat", "--grid", tmp_path / "hits.tiff")[0] == 2


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--date", "yesterday", "is no date"),
        ("--size", "big", "is no size"),
        ("--pixels", "1..x", "is no length"),
        ("--size", "99999999999TB..", "is no size"),
        ("--pixels", "99999999999999999999..", "is no length"),
        ("--label", "caf\udce9", "not UTF-8"),
        ("--path", "caf\udce9/*", "not UTF-8"),
        ("--fold", "7", "near duplicates"),
        ("--collection", "none", "no collection is called"),
    ],
)
def test_what_is_no_filter_is_a_usage_error(indexed, option, value, told):
    code, out, err = indexed("search", "cat", option, value)
    assert (code, out) == (2, "") and told in err


def test_similar_counts_what_it_shows(indexed):
    answer = asked_similar(indexed, "cat-small.jpg", 50)
    assert answer["total"] == len(answer["hits"])
    elsewhere = asked_similar(indexed, "cat-small.jpg", 50, "--path", "cat-c*")
    assert elsewhere["total"] == len(elsewhere["hits"]) == 2


def asked_similar(run, *arguments: object) -> dict:
    item, n, *filters = arguments
    return json.loads(run("similar", item, "-n", n, *filters, "--json")[1])


def test_printed_names_move_no_cursor_and_are_whole_in_json(run, album, tmp_path):
    folder, photograph = tmp_path / "odd", next(album.glob("cat.*"))
    folder.mkdir()
    odd = os.fsdecode(b"c\xffd\x1b]0;x\x07\nskipped: \xe2\x80\xae.jpg")
    with Image.open(photograph) as image:
        image.convert("RGB").resize((99, 99)).save(folder / odd, "JPEG")
    (folder / f"no{odd}").write_text("no picture")
    code, _, err = run("index", folder)
    told = err.rpartition("\r")[2]  # a slow run shows a bar
    assert code == 3 and len(told.strip().splitlines()) == 1 and "\x1b" not in told
    lines = run("search", "cat", "--imagine", "never")[1].splitlines()
    assert lines[2].endswith("--sense N chooses one:") and "\x1b" not in lines[1] and "\\x1b" in lines[1]
    (hit,) = asked(run, "search", "cat")["hits"]
    assert path_of(hit["uri"]) == folder / odd
    (skip,) = json.loads(run("status", "--skipped", "--json")[1])
    assert path_of(skip["uri"]) == folder / f"no{odd}"


def test_what_is_printable_stays_as_it_is():
    assert printable("père noël ♥ 日本 – “x”") == "père noël ♥ 日本 – “x”"
    assert printable("a\nb\x1b\u202e\udcff") == "a\\nb\\x1b\\u202e\\udcff"
