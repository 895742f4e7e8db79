"""A walk that no link leads out of: what a service may index."""

from pathlib import Path

import pytest

from mindseye.indexer.library import Library
from mindseye.indexer.sources import find_sources
from tests.pictures import names, paint
from tests.tiny_space import TinySpace


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a picture, and links to a picture and a folder inside and outside of it."""
    paint(tmp_path / "outside" / "secret.png", 1)
    paint(tmp_path / "outside" / "deep" / "hidden.png", 2)
    here = tmp_path / "inside"
    paint(here / "own.png", 3)
    paint(here / "below" / "deeper.png", 4)
    (here / "link.png").symlink_to(tmp_path / "outside" / "secret.png")
    (here / "folder").symlink_to(tmp_path / "outside" / "deep")
    (here / "again").symlink_to(here / "below")
    return here


def found(*paths: Path, inside: list[Path] | None) -> set[str]:
    return {source.path.name for source in find_sources(paths, inside=inside).files}


def test_links_are_followed_anywhere_unless_told_otherwise(folder):
    assert found(folder, inside=None) == {"own.png", "deeper.png", "secret.png", "hidden.png"}


def test_no_link_leads_out(folder):
    sources = find_sources([folder], inside=[folder])
    assert {source.path.name for source in sources.files} == {"own.png", "deeper.png"}
    assert {skip.path.name for skip in sources.skips} == {"link.png", "folder"}
    assert all("leads out" in skip.reason for skip in sources.skips)


def test_a_path_that_is_named_itself_is_checked_too(folder):
    assert found(folder / "link.png", folder.parent / "outside", inside=[folder]) == set()


def test_links_between_two_folders_are_followed(folder):
    outside = folder.parent / "outside"
    assert found(folder, inside=[folder, outside / "deep"]) == {"own.png", "deeper.png", "hidden.png"}


def test_a_library_takes_nothing_from_outside(folder, tmp_path):
    with Library.open(tmp_path / "library", TinySpace()) as library:
        report = library.index([folder], inside=[folder])
        assert names(library) == ["deeper.png", "own.png"]
        assert {skip.path.name for skip in report.skipped} == {"link.png", "folder"}
