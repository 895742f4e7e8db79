"""Examinations and repairs among other commands, and repairs that are killed."""

import sys
from contextlib import suppress
from pathlib import Path

import pytest

from mindseye.indexer import doctor
from mindseye.indexer.doctor.finding import Repair
from mindseye.indexer.library import Library
from tests.indexer.damage import edited, index_file, reversed_vector, truncate
from tests.indexer.processes import assert_same, finished, kill, mostly_slow, spawn, start, wait_until
from tests.indexer.sound import Sound, assert_mended, index_again
from tests.tiny_space import TinySpace

REPAIR = """
import sys
from pathlib import Path
from mindseye.indexer import doctor
from tests.indexer.child import hold_at
from tests.tiny_space import TinySpace
root, mark, *hold = sys.argv[1:]
hold_at([hold], Path(mark))
doctor.repair(Path(root), TinySpace())
"""

MOMENTS = [
    ("sql", "INSERT INTO change"),
    ("sql", "INSERT INTO run"),
    ("sql", "UPDATE embedding"),
    ("sql", "UPDATE item"),
    ("commit", ""),
    ("os.rename", "set-aside"),
    ("open", r"\.index-.*\.tmp"),
    ("os.rename", r"\.manifest.*\.tmp"),
    ("os.remove", "index-"),
    ("sql", "UPDATE run"),
]


@pytest.mark.parametrize(("event", "pattern"), mostly_slow(MOMENTS))
def test_a_repair_killed_on_the_way_is_finished_by_the_next(sound: Sound, tmp_path: Path, event: str, pattern: str):
    reversed_vector(sound.root)
    edited(sound.root)
    truncate(index_file(sound.root))
    wanted = {"vector_damaged", "index_damaged", "imagined_changed"}
    assert {each.code for each in doctor.examine(sound.root, TinySpace())} == wanted
    process = spawn([sys.executable, "-c", REPAIR, sound.root, tmp_path / "mark", event, pattern])
    wait_until((tmp_path / "mark").exists, process)
    kill(process)
    assert doctor.repair(sound.root, TinySpace()).left == ()
    assert len(list((sound.root / "set-aside").iterdir())) == 1
    index_again(sound)
    assert_mended(sound)


def test_nothing_is_found_wrong_and_nothing_harmed_while_others_index(hundreds, undisturbed, tmp_path):
    root, space = tmp_path / "library", TinySpace()
    Library.open(root, space).close()
    overlapping = [("0", "1"), ("1", "2"), ("2", "0")]
    processes = [start(root, "index", *(hundreds / each for each in pair), pace=0.1) for pair in overlapping]
    rounds = 0
    while any(process.poll() is None for process in processes):
        assert doctor.examine(root, space) == []
        assert doctor.repair(root, space) == Repair((), ())
        rounds += 1
    for process in processes:
        finished(process)
    assert rounds
    assert doctor.examine(root, space) == []
    with Library.open(root, space) as library:
        assert_same(library, undisturbed)


def test_an_index_is_derived_anew_while_others_index(hundreds, undisturbed, tmp_path):
    root, space = tmp_path / "library", TinySpace()
    with Library.open(root, space) as library:
        library.index([hundreds / "0"])
    process = start(root, "index", hundreds / "1", hundreds / "2", pace=0.1)
    rounds = 0
    while process.poll() is None:
        with suppress(OSError):  # the other has just published another file
            truncate(index_file(root))
        doctor.repair(root, space)
        rounds += 1
    _, errors = process.communicate()
    assert process.returncode == 0
    assert all(line.endswith("it is derived again") for line in errors.splitlines()), "it may meet the damage itself"
    assert rounds
    assert doctor.repair(root, space).left == ()
    with Library.open(root, space) as library:
        assert_same(library, undisturbed)
