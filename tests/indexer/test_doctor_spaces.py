"""A library used in several spaces: what is sound then, and the damage that is found all the same."""

from pathlib import Path

import numpy as np
import pytest

from mindseye.indexer import doctor
from mindseye.indexer.index.manifest import Manifest
from mindseye.indexer.library import Library
from mindseye.indexer.meta import space_of
from tests.indexer.damage import INDEX, background_of, manifest_of, sql
from tests.indexer.sound import Sound, assert_mended
from tests.indexer.test_reembed import OtherSpace
from tests.tiny_space import TinySpace


def other() -> TinySpace:
    """Return a space of the same encoder with another mapping."""
    return TinySpace(mapping="tiny-projection-2", name="another")


def searched(root: Path, space: TinySpace) -> None:
    """Search by words in a space."""
    bank = np.random.default_rng(1).normal(size=(6, space.width)).astype(np.float32)
    with Library.open(root, space) as library:
        library.background(bank, "bank")


def test_what_was_searched_in_another_mapping_is_sound_in_both(sound: Sound):
    searched(sound.root, other())
    for space in (TinySpace(), other()):
        assert doctor.examine(sound.root, space) == []
        assert doctor.repair(sound.root, space).mended == ()
    Library.open(sound.root, TinySpace()).close()  # the top scores are still the other's
    for space in (TinySpace(), other()):
        assert doctor.examine(sound.root, space) == []
    assert_mended(sound)


def test_what_was_moved_to_another_encoder_is_sound(sound: Sound):
    Library.reembed(sound.root, OtherSpace())
    assert doctor.examine(sound.root, OtherSpace()) == []
    assert [each.code for each in doctor.examine(sound.root, TinySpace())] == ["wrong_encoder"]


@pytest.mark.parametrize(
    "change", [manifest_of(mapping="another"), background_of(whose="another a b", seq=10_000)], ids=["index", "words"]
)
def test_a_cache_of_another_space_is_what_the_next_search_replaces(sound: Sound, change):
    change(sound.root)
    assert_mended(sound)


DAMAGES = ["truncated", "a flipped byte", "a stale generation", "an extra row", "a missing row", "beyond the log"]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_index_of_another_mapping_is_found(sound: Sound, damage: str):
    searched(sound.root, other())
    assert Manifest.read(sound.root / "index").mapping == other().mapping
    make, code = INDEX[damage]
    make(sound.root)
    assert [each.code for each in doctor.examine(sound.root, TinySpace())] == [code]
    assert doctor.repair(sound.root, TinySpace()).left == ()
    assert_mended(sound)


def test_rows_are_compared_in_the_space_that_the_index_is_of(sound: Sound):
    searched(sound.root, other())
    make, code = INDEX["a wrong row"]
    make(sound.root)
    assert doctor.examine(sound.root, TinySpace()) == []  # the next command in it derives all rows
    assert [each.code for each in doctor.examine(sound.root, other())] == [code]
    assert_mended(sound)


def test_a_library_older_than_the_name_of_its_space_is_sound_and_gets_none_by_the_way(sound: Sound):
    sql(sound.root, "DELETE FROM meta WHERE key = 'space'")
    assert doctor.examine(sound.root, TinySpace()) == []
    Library.open(sound.root, other()).close()
    assert space_of(sound.root) is None
    assert doctor.examine(sound.root, TinySpace()) == []
    sql(sound.root, "DELETE FROM meta WHERE key = 'mapping'")
    assert [each.code for each in doctor.repair(sound.root, TinySpace()).mended] == ["facts_missing"]
    assert space_of(sound.root) is None
    assert_mended(sound)
