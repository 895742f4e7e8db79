import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mindseye.engine.errors import UsageError
from mindseye.indexer.files import path_of
from mindseye.indexer.sources import Sources, find_sources


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def found(sources: Sources, root: Path) -> list[str]:
    return [str(each.path.relative_to(root)) for each in sources.files]


def forbid(monkeypatch: pytest.MonkeyPatch, place: Path, inside_only: bool = False) -> None:
    """Let `stat` fail at a place and below it, as it does for whoever may not go there."""
    for name in ("stat", "lstat"):
        honest = getattr(os, name)

        def refuse(path: Path | str, *, honest: Callable = honest, **options: object) -> os.stat_result:
            where = str(path)
            if where.startswith(f"{place}/") or (where == str(place) and not inside_only):
                raise PermissionError(13, "Permission denied")
            return honest(path, **options)

        monkeypatch.setattr(os, name, refuse)


def reasons(sources: Sources) -> dict[str, str]:
    return {path_of(each.uri).name: each.reason for each in sources.skips}


def test_pictures_are_found_in_order_and_hidden_names_left_out(tmp_path):
    wanted = ["a.JPG", "b.tiff", "notes.txt", "page.HTML", "sub/c.webp", "sub/deeper/d.gif", "z.bmp"]
    hidden = [".a.jpg", "._a.jpg", ".git/b.jpg", "sub/.cache/c.png", "notes.odt", "noext"]
    touch(*(tmp_path / name for name in wanted + hidden))
    assert sorted(found(find_sources([tmp_path]), tmp_path)) == sorted(wanted)
    assert found(find_sources([tmp_path]), tmp_path) == found(find_sources([tmp_path]), tmp_path)


def test_a_named_file_is_taken_whatever_its_name(tmp_path):
    touch(tmp_path / ".hidden.dat", tmp_path / "b.jpg")
    sources = find_sources([tmp_path / ".hidden.dat", tmp_path, tmp_path / "b.jpg"])
    assert found(sources, tmp_path) == [".hidden.dat", "b.jpg"]


def test_size_and_time_of_change_come_with_a_file(tmp_path):
    touch(tmp_path / "a.jpg")
    os.utime(tmp_path / "a.jpg", ns=(1, 1_700_000_000_123_456_789))
    (source,) = find_sources([tmp_path]).files
    assert (source.size, source.modified) == (1, 1_700_000_000_123_456_789)


def test_links_are_followed_once_and_loops_cut(tmp_path):
    touch(tmp_path / "in/a.jpg", tmp_path / "in/sub/b.jpg", tmp_path / "out/c.jpg", tmp_path / "out/d.jpg")
    (tmp_path / "in/sub/loop").symlink_to(tmp_path / "in")
    (tmp_path / "in/self.jpg").symlink_to("self.jpg")
    (tmp_path / "in/again.jpg").symlink_to(tmp_path / "in/a.jpg")
    (tmp_path / "in/away").symlink_to(tmp_path / "out")
    (tmp_path / "in/one.jpg").symlink_to(tmp_path / "out/c.jpg")
    (tmp_path / "in/ping").symlink_to(tmp_path / "in/pong")
    (tmp_path / "in/pong").symlink_to(tmp_path / "in/ping")
    sources = find_sources([tmp_path / "in"])
    assert sorted(found(sources, tmp_path)) == ["in/a.jpg", "in/sub/b.jpg", "out/c.jpg", "out/d.jpg"]
    assert sources.roots[0] == tmp_path / "in"
    assert tmp_path / "out" in sources.roots
    assert reasons(sources) == {"self.jpg": "cannot be read (Too many levels of symbolic links)"}


def test_a_folder_may_be_named_by_a_link(tmp_path):
    touch(tmp_path / "real/a.jpg")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert found(find_sources([tmp_path / "link", tmp_path / "real"]), tmp_path) == ["real/a.jpg"]


def test_links_to_nothing_and_what_is_no_file_are_told(tmp_path):
    (tmp_path / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    os.mkfifo(tmp_path / "pipe.jpg")
    touch(tmp_path / "a.jpg")
    sources = find_sources([tmp_path])
    assert found(sources, tmp_path) == ["a.jpg"]
    assert reasons(sources) == {"gone.jpg": "is a link to nothing", "pipe.jpg": "is not a regular file"}


def test_a_folder_that_cannot_be_opened_is_told_and_the_rest_goes_on(tmp_path, monkeypatch):
    touch(tmp_path / "a/a.jpg", tmp_path / "b/b.jpg")
    scandir = os.scandir

    def refuse(path: Path) -> object:
        if Path(path).name == "a":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    sources = find_sources([tmp_path])
    assert found(sources, tmp_path) == ["b/b.jpg"]
    assert [(each.code, each.reason) for each in sources.skips] == [
        ("unreadable_folder", "cannot be opened (Permission denied)")
    ]
    assert sources.unread == [tmp_path / "a"]


def test_every_path_that_is_not_there_is_named(tmp_path):
    touch(tmp_path / "a.jpg")
    with pytest.raises(UsageError, match=r"no such file or folder: .*nope, .*neither\.jpg"):
        find_sources([tmp_path, tmp_path / "nope", tmp_path / "neither.jpg"])


@pytest.mark.parametrize("name", ["Käse ♥.jpg", "a b%20c.jpg", "#1?.jpg", "'quo\"te\\.jpg", b"latin\xe9.jpg"])
def test_a_uri_gives_its_path_back(tmp_path, name):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + os.fsencode(name)))
    touch(path)
    (source,) = find_sources([tmp_path]).files
    assert source.uri.isascii()
    assert path_of(source.uri) == path


def test_a_folder_is_left_out_and_what_links_lead_to_in_it(tmp_path):
    touch(*(tmp_path / name for name in ("a.jpg", "own/b.jpg", "own/deep/c.jpg", "own2/d.jpg")))
    (tmp_path / "own2" / "link.jpg").symlink_to(tmp_path / "own/b.jpg")
    (tmp_path / "own2" / "way").symlink_to(tmp_path / "own/deep")
    sources = find_sources([tmp_path], leave_out=tmp_path / "own")
    assert (found(sources, tmp_path), sources.skips) == (["a.jpg", "own2/d.jpg"], [])
    named = find_sources([tmp_path / "own/b.jpg", tmp_path / "own/deep", tmp_path / "own"], leave_out=tmp_path / "own")
    assert found(named, tmp_path) == ["own/b.jpg", "own/deep/c.jpg"]
    assert reasons(named) == {"own": "is the library's own folder"}


def test_a_folder_that_can_be_listed_but_not_entered_is_told(tmp_path, monkeypatch):
    touch(tmp_path / "a/a.jpg", tmp_path / "a/deep/c.jpg", tmp_path / "b/b.jpg")
    forbid(monkeypatch, tmp_path / "a", inside_only=True)
    sources = find_sources([tmp_path])
    assert found(sources, tmp_path) == ["b/b.jpg"]
    assert reasons(sources) == {"a": "cannot be opened (Permission denied)"}
    assert sources.unread == [tmp_path / "a"]


def test_what_cannot_be_looked_at_is_told_and_the_rest_goes_on(tmp_path, monkeypatch):
    """A disk may fail for one file or folder; which of both it is cannot be told either."""
    touch(tmp_path / "a.jpg", tmp_path / "b" / "c.jpg", tmp_path / "d.jpg", tmp_path / "f" / "e.jpg")
    (tmp_path / "f" / "link.jpg").symlink_to(tmp_path / "b" / "c.jpg")
    for name in ("a.jpg", "b"):
        forbid(monkeypatch, tmp_path / name)
    sources = find_sources([tmp_path])
    assert found(sources, tmp_path) == ["d.jpg", "f/e.jpg"]
    assert reasons(sources) == dict.fromkeys(["a.jpg", "b", "link.jpg"], "cannot be read (Permission denied)")
    assert sources.unread == [tmp_path / "a.jpg", tmp_path / "b", tmp_path / "b" / "c.jpg"]
