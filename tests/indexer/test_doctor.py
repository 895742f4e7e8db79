"""A library damaged in every way, one at a time: what is found, and what is as before once it is mended."""

import os
import shutil
import time
from collections.abc import Sequence

import numpy as np
import pytest

from mindseye.engine.errors import LibraryError, NotFoundError
from mindseye.indexer import doctor
from mindseye.indexer.backup import export_library, import_library
from mindseye.indexer.doctor.finding import Finding, Repair
from mindseye.indexer.index.manifest import Manifest
from mindseye.indexer.library import Library
from tests.indexer.damage import (
    BEYOND_REPAIR,
    INDEX,
    LONG_AGO,
    OTHERS,
    VECTORS,
    changed_rows,
    edited,
    of_item,
    orphan,
    replace_row,
    sql,
    young,
)
from tests.indexer.processes import answers, ask
from tests.indexer.sound import assert_mended, index_again
from tests.indexer.test_imagined import OKAPI, imagine
from tests.pictures import names, paint
from tests.tiny_space import TinySpace


def codes(findings: Sequence[Finding]) -> list[str]:
    return [each.code for each in findings]


def test_a_sound_library_is_sound_and_stays_as_it_is(sound):
    before = {path: path.read_bytes() for path in sound.root.rglob("*") if path.is_file()}
    assert doctor.examine(sound.root, TinySpace()) == []
    assert doctor.repair(sound.root, TinySpace()) == Repair((), ())
    after = {path: path.read_bytes() for path in sound.root.rglob("*") if path.is_file()}
    assert {path: data for path, data in after.items() if path in before} == before
    assert {path.suffix for path in after.keys() - before.keys()} <= {".lock"}
    assert_mended(sound)


@pytest.mark.parametrize("damage", INDEX)
def test_a_damaged_index_is_found_and_derived_anew(sound, damage):
    make, told = INDEX[damage]
    wanted = told.split()
    generation = Manifest.read(sound.root / "index").generation
    make(sound.root)
    space = TinySpace()
    found = doctor.examine(sound.root, space)
    assert codes(found) == wanted
    assert all(each.hint for each in found)
    if damage == "a file in the folder's place":
        assert codes(doctor.repair(sound.root, space).left) == wanted
        (sound.root / "index").unlink()
    mended = doctor.repair(sound.root, space)
    assert (codes(mended.mended), mended.left, space.encoded) == (wanted, (), 0)
    if (manifest := Manifest.read(sound.root / "index")) and "folder" not in damage:
        assert manifest.generation >= generation
    assert_mended(sound)


def test_the_rows_that_differ_are_named(sound):
    changed_rows(replace_row)(sound.root)
    changed_rows(lambda index: index.remove(np.array([9, 3])))(sound.root)
    found = {each.code: each.subjects for each in doctor.examine(sound.root, TinySpace())}
    assert found == {"index_missing_rows": ("vector 3", "vector 9"), "index_wrong_rows": ("vector 5",)}


@pytest.mark.parametrize("damage", VECTORS)
def test_a_damaged_vector_is_set_aside_until_its_picture_is_indexed(sound, damage):
    make, code, name = VECTORS[damage]
    before = ask(sound.root, "SELECT max(id) FROM embedding")[0][0]
    make(sound.root)
    space = TinySpace()
    (found,) = doctor.examine(sound.root, space)
    assert (found.code, found.subjects) == (code, (str(sound.photos / name),))
    mended = doctor.repair(sound.root, space, command="mindseye doctor --repair")
    assert (codes(mended.mended), mended.left, space.encoded) == ([code], (), 0)
    with Library.open(sound.root, space) as library:
        assert library.item(name).state == "missing"
        assert library.status().last_run.command == "mindseye doctor --repair"
        assert library.status().last_run.counts == {"missing": 1}
        assert name not in names(library) and len(names(library)) == 39
        assert library.index([sound.photos]).added == 2  # what was removed comes back too
        assert library.remove(["7.png"]) == 1
        assert answers(library) == sound.answers
        assert space.encoded == 1
    assert doctor.examine(sound.root, space) == []
    assert ask(sound.root, f"SELECT max(id) FROM embedding WHERE {of_item(name)}")[0][0] >= before


def test_a_damaged_vector_of_another_encoder_costs_no_picture(sound):
    sql(sound.root, "INSERT INTO embedding (content_id, encoder, vector, crc32) VALUES (1, 'another', x'00', 1)")
    assert codes(doctor.examine(sound.root, TinySpace())) == ["vector_damaged"]
    assert doctor.repair(sound.root, TinySpace()).left == ()
    assert_mended(sound)


def test_a_damaged_vector_is_set_aside_in_any_space(sound):
    VECTORS["a flipped byte"][0](sound.root)
    mended = doctor.repair(sound.root, TinySpace(encoder="another"))
    assert (codes(mended.mended), codes(mended.left)) == (["vector_damaged"], ["wrong_encoder"])
    assert doctor.examine(sound.root, TinySpace()) == []
    index_again(sound)
    assert_mended(sound)


def test_a_repaired_library_can_be_exported(sound, tmp_path):
    VECTORS["half a number"][0](sound.root)
    assert codes(doctor.repair(sound.root, TinySpace()).mended) == ["vector_damaged"]
    export_library(sound.root, tmp_path / "all.zip")
    import_library(tmp_path / "all.zip", tmp_path / "restored")
    assert codes(doctor.examine(tmp_path / "restored", TinySpace())) == ["index_missing"]  # derived when first opened
    Library.open(tmp_path / "restored", TinySpace()).close()
    assert doctor.examine(tmp_path / "restored", TinySpace()) == []


@pytest.mark.parametrize("damage", OTHERS)
def test_any_other_damage_is_found_and_mended(sound, damage):
    make, wanted = OTHERS[damage]
    make(sound.root)
    space = TinySpace()
    assert codes(doctor.examine(sound.root, space)) == wanted
    mended = doctor.repair(sound.root, space)
    assert (sorted({*wanted} - {*codes(mended.mended)}), mended.left, space.encoded) == ([], (), 0)
    if damage == "a change that is not logged":
        with Library.open(sound.root, space) as library:
            assert "9.png" not in names(library)
    if damage in ("a change that is not logged", "index and vector at once"):
        index_again(sound)
    assert_mended(sound)


def test_an_orphan_and_an_edited_picture_are_kept(sound):
    (kept,) = sound.imagined
    edited(sound.root)
    changed, lost = kept.read_bytes(), orphan(sound.root).read_bytes()
    assert codes(doctor.repair(sound.root, TinySpace()).mended) == ["imagined_changed", "imagined_orphan"]
    assert sorted(path.read_bytes() for path in (sound.root / "set-aside").iterdir()) == sorted([changed, lost])
    with Library.open(sound.root, TinySpace()) as library:
        assert library.imagined() == []
        assert imagine(library).path == kept  # asked for again, it is imagined again
        assert len(library.imagined()) == 1
    assert doctor.examine(sound.root, TinySpace()) == []


def test_pictures_of_the_users_own_are_left_alone(sound):
    mine = [sound.root / "imagined" / name for name in ("holiday.png", "fedcba9876543210.png")]
    for path in mine:
        paint(path, 5)
    for name in ("copy of it.png", "aaaaaaaaaaaaaaaa.png"):
        mine.append(shutil.copy(sound.imagined[0], sound.root / "imagined" / name))
    young(sound.root / "thumbnails" / "ab" / "notes.jpg")
    assert doctor.repair(sound.root, TinySpace()) == Repair((), ())
    assert all(path.is_file() for path in mine)


def test_what_another_command_is_just_writing_is_left_to_it(sound):
    young(sound.root / "imagined" / ".x.png.0badcafe.tmp")
    now = time.time()
    path = orphan(sound.root, now)
    sql(sound.root, "UPDATE run SET ended = NULL WHERE kind = 'imagine'")
    assert doctor.examine(sound.root, TinySpace()) == []
    os.utime(path, (LONG_AGO, LONG_AGO))
    assert codes(doctor.examine(sound.root, TinySpace())) == ["imagined_orphan"]


def test_a_moved_library_finds_its_imagined_pictures_again(sound, tmp_path):
    sound.root.rename(tmp_path / "elsewhere")
    try:
        assert codes(doctor.examine(tmp_path / "elsewhere", TinySpace())) == ["imagined_moved"]
        assert doctor.repair(tmp_path / "elsewhere", TinySpace()).left == ()
        with Library.open(tmp_path / "elsewhere", TinySpace()) as library:
            (picture,) = library.imagined()
            assert picture.path == tmp_path / "elsewhere" / "imagined" / sound.imagined[0].name
            assert library.imagined_by_key(library.imagined_key("ab12", "inversion", OKAPI.parameters, 7)) == picture
        assert doctor.examine(tmp_path / "elsewhere", TinySpace()) == []
    finally:
        shutil.copytree(tmp_path / "elsewhere", sound.root)


def test_a_moved_library_whose_pictures_were_indexed_anew_finds_them_too(sound, tmp_path):
    moved = shutil.copytree(sound.root, tmp_path / "elsewhere")
    for file in sound.root.glob("imagined/*.png"):
        file.unlink()
    with Library.open(moved, TinySpace()) as library:
        library.index([moved / "imagined"], collection="imagined")
    assert doctor.repair(moved, TinySpace()).left == ()
    assert doctor.examine(moved, TinySpace()) == []
    with Library.open(moved, TinySpace()) as library:
        (picture,) = library.imagined()
        assert picture.path == moved / "imagined" / sound.imagined[0].name
        assert library.imagined_by_key(library.imagined_key("ab12", "inversion", OKAPI.parameters, 7)) == picture


@pytest.mark.parametrize("also_here", [False, True], ids=["the original", "both"])
def test_a_copy_of_a_library_leaves_the_originals_pictures_alone(sound, tmp_path, also_here):
    copy = shutil.copytree(sound.root, tmp_path / "copy")
    (picture,) = sound.imagined
    edited(sound.root)
    if also_here:
        edited(copy)
    before = {path: path.read_bytes() for path in sound.root.rglob("*") if path.is_file()}
    (found,) = doctor.repair(copy, TinySpace()).mended
    assert found.code == ("imagined_changed" if also_here else "imagined_moved")
    assert {path: path.read_bytes() for path in sound.root.rglob("*") if path.is_file()} == before
    assert doctor.examine(copy, TinySpace()) == []
    with Library.open(copy, TinySpace()) as library:
        assert imagine(library).path == copy / "imagined" / picture.name
    aside = list((copy / "set-aside").glob("*"))
    assert [path.read_bytes() for path in aside] == ([picture.read_bytes()] if also_here else [])


@pytest.mark.parametrize("damage", BEYOND_REPAIR)
def test_what_cannot_be_mended_is_left_as_it_is_with_what_to_do(sound, damage):
    make, code = BEYOND_REPAIR[damage]
    make(sound.root)
    space = TinySpace()
    (found,) = doctor.examine(sound.root, space)
    assert found.code == code and found.hint and found.mend is None
    before = (sound.root / "library.db").read_bytes()
    assert codes(doctor.repair(sound.root, space).left) == [code]
    assert (sound.root / "library.db").read_bytes() == before


def test_the_library_must_be_there(tmp_path):
    with pytest.raises(NotFoundError, match="no library"):
        doctor.examine(tmp_path / "none", TinySpace())
    assert not (tmp_path / "none").exists()
    (tmp_path / "library.db").mkdir()
    with pytest.raises(LibraryError, match="cannot be"):
        doctor.examine(tmp_path, TinySpace())


def test_a_library_that_was_only_opened_is_sound(open_library, tmp_path):
    library = open_library(TinySpace())
    library.close()
    assert doctor.examine(library.root, TinySpace()) == []
    shutil.rmtree(library.root / "index")
    assert doctor.examine(library.root, TinySpace()) == []  # there is nothing to be in it


def test_progress_is_told_to_its_end(sound):
    told = []
    doctor.examine(sound.root, TinySpace(), lambda done, total: told.append((done, total)))
    assert told == sorted(told) and told[-1][0] > 80
    assert all(done <= total for done, total in told)
