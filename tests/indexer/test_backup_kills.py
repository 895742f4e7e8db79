"""Exports and imports that are killed, stopped, or find the disk full: whole or not there."""

import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mindseye.engine.errors import LibraryError
from mindseye.indexer.backup import export_library, import_library
from tests.indexer.backups import exported, moved, plain, tables
from tests.indexer.processes import kill, mostly_slow, spawn, wait_until

CHILD = """
import sys, time
from pathlib import Path
from mindseye.indexer.backup import export_library, import_library, exporting, importing
exporting.BATCH = exporting.CHUNK = importing.BATCH = 3
action, one, other, mark, share = sys.argv[1:]
def stop_at_a_share(done, total):
    if done >= float(share) * total:
        Path(mark).touch()
        time.sleep(600)
{"export": export_library, "import": import_library}[action](Path(one), Path(other), progress=stop_at_a_share)
"""
SHARES = mostly_slow([0.5, 0, 0.2, 0.8, 1])  # of the work, done before the kill


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    return exported(tmp_path_factory.mktemp("home"))


def killed(action: str, one: Path, other: Path, share: float, mark: Path) -> None:
    """Kill an export or import when that share of its rows and files is done."""
    process = spawn([sys.executable, "-c", CHILD, action, one, other, mark, share])
    wait_until(mark.exists, process)
    kill(process)
    mark.unlink()


@pytest.mark.parametrize("share", SHARES)
def test_a_killed_export_leaves_what_was_there(share, home, tmp_path):
    before = tables(home / "library")
    (tmp_path / "out").mkdir()
    killed("export", home / "library", tmp_path / "out" / "export.zip", share, tmp_path / "mark")
    left = [path.name for path in (tmp_path / "out").iterdir()]
    assert len(left) == 1 and left[0].startswith(".export.zip.") and left[0].endswith(".tmp")
    with pytest.raises(LibraryError):  # whatever it is, it is not taken for an export
        import_library(tmp_path / "out" / left[0], tmp_path / "new")
    assert tables(home / "library") == before
    export_library(home / "library", tmp_path / "out" / "export.zip")
    assert_restored(home, tmp_path / "out" / "export.zip", tmp_path / "new")


@pytest.mark.parametrize("share", SHARES)
def test_a_killed_import_leaves_no_library(share, home, tmp_path):
    (tmp_path / "in").mkdir()
    killed("import", home / "export.zip", tmp_path / "in" / "new", share, tmp_path / "mark")
    left = [path.name for path in (tmp_path / "in").iterdir()]
    assert len(left) == 1 and left[0].startswith(".new.") and left[0].endswith(".import.tmp")
    assert_restored(home, home / "export.zip", tmp_path / "in" / "new")


def assert_restored(home: Path, export: Path, root: Path) -> None:
    import_library(export, root)
    assert plain(tables(root)) == moved(tables(home / "library"), home / "library" / "imagined", root / "imagined")


@contextmanager
def full_at(size: int) -> Iterator[Callable[[int, int], None]]:
    """Yield a progress that lets files end at so many bytes: the next write fails, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        yield lambda done, total: resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("size", [300, 2_000, 5_000])
def test_a_full_disk_leaves_no_export(size, home, tmp_path):
    assert size < (home / "export.zip").stat().st_size
    full = pytest.raises(LibraryError, match=r"export\.zip cannot be written \(File too large\); make room")
    with full_at(size) as tell, full:
        export_library(home / "library", tmp_path / "export.zip", progress=tell)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("size", [0, 10_000, 50_000])
def test_a_full_disk_leaves_no_library(size, home, tmp_path):
    with full_at(size) as tell, pytest.raises(LibraryError, match="cannot be"):
        import_library(home / "export.zip", tmp_path / "new", progress=tell)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("action", ["export", "import"])
def test_ctrl_c_leaves_nothing(action, home, tmp_path):
    def interrupt(done: int, total: int) -> None:
        if 2 * done > total:
            raise KeyboardInterrupt

    act: Callable[..., object] = export_library if action == "export" else import_library
    with pytest.raises(KeyboardInterrupt):
        act(home / ("library" if action == "export" else "export.zip"), tmp_path / "new", progress=interrupt)
    assert list(tmp_path.iterdir()) == []


def test_two_imports_at_once_make_one_library(home, tmp_path):
    second = []

    def import_too(done: int, total: int) -> None:
        if not second:
            second.append(True)
            import_library(home / "export.zip", tmp_path / "new")

    with pytest.raises(LibraryError, match=r"cannot be written \(Directory not empty\)"):
        import_library(home / "export.zip", tmp_path / "new", progress=import_too)
    assert [path.name for path in tmp_path.iterdir()] == ["new"]
    assert plain(tables(tmp_path / "new")) == moved(
        tables(home / "library"), home / "library" / "imagined", tmp_path / "new" / "imagined"
    )
