"""Studies are made whole, answered once, resumed, and outlive the items and files that they were made of."""

import os
import sqlite3
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from mindseye.engine.errors import NotFoundError, UnreadableFileError, UsageError
from mindseye.engine.vision.pictures import read_picture
from mindseye.indexer import doctor
from mindseye.indexer.backup import export_library, import_library
from mindseye.indexer.database import Database, tables_at
from mindseye.indexer.files import digest
from mindseye.indexer.library import Library
from mindseye.indexer.models import SCHEMA
from mindseye.indexer.studies import Studies
from tests.indexer.processes import ask, kill, killed_at, start, wait_until
from tests.indexer.studying import WORDS, first_rater, made, new_study
from tests.indexer.test_imagined import imagine
from tests.pictures import paint, painting
from tests.tiny_space import TinySpace


@pytest.fixture
def pilot(library, tmp_path):
    return made(library, tmp_path / "pictures")


def test_a_study_is_read_as_it_was_made(pilot, tmp_path):
    studies, study = pilot
    wished = new_study(studies, tmp_path / "pictures")
    assert (study.trials, study.attention, study.raters, study.finished, study.judgments) == (6, 1, 2, 0, 0)
    assert [(each.word, each.options, each.answer, each.pictures) for each in studies.trials(study)] == [
        (each.word, each.options, each.answer, each.pictures) for each in wished.trials
    ]
    raters = studies.raters(study)
    assert tuple(each.plan for each in raters) == wished.plans
    assert [each.number for each in raters] == [1, 2]
    assert len({each.token for each in raters}) == 2 and all(len(each.token) >= 22 for each in raters)
    assert studies.all() == [study] and study.settings == wished.settings


def test_a_name_is_given_once(pilot, tmp_path):
    studies, _ = pilot
    with pytest.raises(UsageError, match=r"there is a study 'pilot' already"):
        studies.create(new_study(studies, tmp_path / "pictures"))
    with pytest.raises(NotFoundError, match=r"no study is called 'other'.*there are: pilot"):
        studies.get("other")


def test_a_rater_goes_on_where_they_stopped(pilot, library):
    studies, study = pilot
    rater = first_rater(studies, study)
    for position, choice in enumerate(rater.plan):
        sitting = Studies.of(library).sitting("pilot", rater.token)  # as after the page was closed
        assert (sitting.rater.answered, sitting.choice, sitting.trial.number) == (position, choice, choice.trial)
        assert studies.answer("pilot", rater.token, position, 0, 700)
    assert studies.sitting("pilot", rater.token).trial is None
    assert studies.get("pilot").finished == 1


def test_a_row_says_what_was_chosen_where_and_how_fast(pilot):
    studies, study = pilot
    rater = first_rater(studies, study)
    studies.answer("pilot", rater.token, 0, 1, 812)
    (row,) = studies.judgments(study)
    choice = rater.plan[0]
    assert (row.rater, row.trial, row.position, row.response_ms) == (1, choice.trial, 0, 812)
    assert row.chosen == choice.places[1] and row.side == choice.places.index(0)


def test_an_answer_once_given_stays(pilot):
    studies, study = pilot
    rater = first_rater(studies, study)
    assert studies.answer("pilot", rater.token, 0, 1, 800)
    before = studies.judgments(study)
    assert not studies.answer("pilot", rater.token, 0, 1, 800)
    assert not studies.answer("pilot", rater.token, 0, 0, 5)
    assert studies.judgments(study) == before


@pytest.mark.parametrize(("position", "place"), [(1, 0), (-1, 0), (6, 0), (0, 2), (0, -1)])
def test_what_was_not_asked_is_not_answered(pilot, position, place):
    studies, study = pilot
    rater = first_rater(studies, study)
    with pytest.raises(UsageError):
        studies.answer("pilot", rater.token, position, place)
    assert studies.judgments(study) == []


def test_nothing_is_answered_before_the_rater_has_agreed(pilot):
    studies, study = pilot
    rater = studies.raters(study)[1]
    with pytest.raises(UsageError, match="has not begun"):
        studies.answer("pilot", rater.token, 0, 0)
    studies.begin("pilot", rater.token)
    began = studies.raters(study)[1].began
    studies.begin("pilot", rater.token)
    assert began and studies.raters(study)[1].began == began
    assert studies.raters(study)[1].agreed is None  # nobody was asked to


def test_nobody_begins_without_the_consent_that_is_asked(library, tmp_path):
    studies, study = made(library, tmp_path / "pictures", consent="My answers may be published.")
    rater = studies.raters(study)[0]
    with pytest.raises(UsageError, match="once you have agreed"):
        studies.begin("pilot", rater.token)
    assert (studies.raters(study)[0].began, studies.raters(study)[0].agreed) == (None, None)
    studies.begin("pilot", rater.token, agreed=True)
    agreed = studies.raters(study)[0].agreed
    assert agreed and agreed == studies.raters(study)[0].began
    studies.begin("pilot", rater.token)  # who has begun goes on
    assert studies.raters(study)[0].agreed == agreed and studies.raters(study)[1].agreed is None


def test_a_link_opens_its_own_study_alone(pilot, library, tmp_path):
    studies, study = pilot
    made(library, tmp_path / "pictures", name="other")
    token = studies.raters(study)[0].token
    for name, wrong in (("other", token), ("pilot", token[:-1]), ("pilot", ""), ("none", token)):
        with pytest.raises(NotFoundError, match="leads to no study"):
            studies.sitting(name, wrong)


@pytest.mark.parametrize("question", ["word", "image"])
def test_pictures_are_those_of_the_places_and_none_from_further_ahead(question, library, tmp_path):
    studies, study = made(library, tmp_path / "pictures", question=question)
    trials, rater = studies.trials(study), first_rater(studies, study)
    for position, choice in enumerate(rater.plan):
        shown = trials[choice.trial].pictures
        wanted = [shown[option] for option in choice.places] if question == "image" else list(shown)
        for place, each in enumerate(wanted):
            assert digest(studies.picture("pilot", rater.token, position, place).read_bytes()) == each.file
        for ahead in (position + 2, -1):
            with pytest.raises(NotFoundError):
                studies.picture("pilot", rater.token, ahead, 0)
        with pytest.raises(NotFoundError):
            studies.picture("pilot", rater.token, position, len(wanted))
        studies.answer("pilot", rater.token, position, 0)


def test_what_is_kept_of_a_picture_tells_nothing_but_its_pixels(library, tmp_path):
    exif = Image.Exif()
    exif[0x010E], exif[0x9C9E] = "a zebra at noon", "zebra".encode("utf-16-le")
    painting(1, 900).save(tmp_path / "zebra.jpg", exif=exif, comment=b"zebra", quality=95)
    kept = Studies.of(library).keep(tmp_path / "zebra.jpg", "found", 7)
    path = library.root / "studies" / f"{kept.file}.png"
    assert b"zebra" not in path.read_bytes() and digest(path.read_bytes()) == kept.file
    assert kept.content == digest((tmp_path / "zebra.jpg").read_bytes()) and kept.item_id == 7
    with Image.open(path) as image:
        assert image.size == (512, 512) and image.info == {}
        assert np.abs(np.asarray(image.resize((3, 3)), float) - np.asarray(painting(1, 3), float)).max() < 40
    (tmp_path / "no.jpg").write_text("no picture")
    with pytest.raises(UnreadableFileError):
        Studies.of(library).keep(tmp_path / "no.jpg", "found")


def test_an_imagined_picture_keeps_its_mark_and_outlives_its_item(library):
    stored, studies = imagine(library), Studies.of(library)
    kept = studies.keep(stored.path, "imagined", stored.item_id)
    path = library.root / "studies" / f"{kept.file}.png"
    library.remove([stored.id])
    stored.path.unlink()
    picture = read_picture(path.read_bytes(), "it")
    assert picture.synthetic["provenance"] == stored.id and b"okapi" not in path.read_bytes()
    assert picture.image.tobytes() == painting(90).tobytes()


def test_pictures_of_studies_are_not_indexed(pilot, library):
    library.index([library.root.parent])
    assert not [each for each in ask(library.root, "SELECT uri FROM item") if "/studies/" in each[0]]


def test_more_raters_are_numbered_on(pilot, tmp_path):
    studies, study = pilot
    studies.add_raters("pilot", new_study(studies, tmp_path / "pictures", raters=3).plans)
    raters = studies.raters(study)
    assert [each.number for each in raters] == [1, 2, 3, 4, 5] and len({each.token for each in raters}) == 5


def test_a_study_is_removed_with_all_that_is_its_own(pilot, library, tmp_path):
    studies, study = pilot
    rater = first_rater(studies, study)
    studies.answer("pilot", rater.token, 0, 0)
    made(library, tmp_path / "pictures", name="other")
    extra = studies.keep(paint(tmp_path / "extra.png", 500), "found")
    changed = replace(new_study(studies, tmp_path / "pictures", name="third"), plans=())
    first = replace(changed.trials[0], pictures=(extra,))
    studies.create(replace(changed, trials=(first, *changed.trials[1:]), plans=((rater.plan[0],),)))
    studies.remove("pilot")
    with pytest.raises(NotFoundError):
        studies.sitting("pilot", rater.token)
    assert [each.name for each in studies.all()] == ["other", "third"]
    assert ask(library.root, "SELECT count(*) FROM judgment") == [(0,)]
    assert len(list((library.root / "studies").glob("*.png"))) == len(WORDS) + 2, "the others still need theirs"
    studies.remove("third")
    assert not (library.root / "studies" / f"{extra.file}.png").exists()
    assert ask(library.root, "SELECT DISTINCT study_id FROM trial") == ask(library.root, "SELECT id FROM study")


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(presses=st.lists(st.tuples(st.integers(-1, 7), st.integers(-1, 2)), max_size=25))
def test_whatever_is_pressed_every_question_has_its_first_answer(presses, library, tmp_path):
    studies = Studies.of(library)
    for each in studies.all():
        studies.remove(each.name)
    study = studies.create(new_study(studies, tmp_path / "pictures"))
    rater, expected = first_rater(studies, study), {}
    for position, place in presses:
        legal = 0 <= position <= len(expected) and position < len(rater.plan) and place in (0, 1)
        if legal:
            assert studies.answer("pilot", rater.token, position, place) == (position not in expected)
            expected.setdefault(position, place)
        else:
            with pytest.raises(UsageError):
                studies.answer("pilot", rater.token, position, place)
    rows = studies.judgments(study)
    assert {row.position: rater.plan[row.position].places.index(row.chosen) for row in rows} == expected


def test_tables_before_studies_are_brought_up_to_date(tmp_path, photos):
    with Library.open(tmp_path / "new", TinySpace()) as library:
        library.index([photos])
    (tmp_path / "old").mkdir()
    with tables_at(tmp_path / "old" / "library.db", "0003"):
        pass
    with closing(sqlite3.connect(tmp_path / "old" / "library.db")) as connection, connection:
        connection.execute("ATTACH ? AS new", [str(tmp_path / "new" / "library.db")])
        tables = [name for (name,) in connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")]
        for table in {*tables} - {"alembic_version", "sqlite_sequence"}:
            connection.execute(f'INSERT INTO main."{table}" SELECT * FROM new."{table}"')
    with Library.open(tmp_path / "old", TinySpace()) as library:
        assert ask(library.root, "SELECT version_num FROM alembic_version") == [(SCHEMA,)]
        assert library.status().items == 5 and doctor.examine(library.root, TinySpace()) == []
        assert ask(library.root, "SELECT * FROM item") == ask(tmp_path / "new", "SELECT * FROM item")
        studies, study = made(library, tmp_path / "pictures")
        assert studies.get("pilot") == study


@pytest.mark.parametrize("at", ["INSERT INTO judgment", pytest.param(None, marks=pytest.mark.slow)])
def test_nothing_acknowledged_is_lost_when_the_process_is_killed(at, tmp_path, photos):
    with Library.open(tmp_path / "library", TinySpace()) as library:
        studies, study = made(library, tmp_path / "pictures")
        token = first_rater(studies, study).token
    told = tmp_path / "told"
    if at:
        killed_at(tmp_path / "mark", [("sql", at)] * 4, tmp_path / "library", "judge", "pilot", token, told)
    else:
        hold = [("commit", "")] * 4
        process = start(tmp_path / "library", "judge", "pilot", token, told, hold=hold, mark=tmp_path / "m")
        wait_until((tmp_path / "m").exists, process)
        kill(process)
    acknowledged = told.read_text().split()
    assert acknowledged == ["0", "1", "2"]
    with Studies.open(tmp_path / "library") as studies:
        rows = studies.judgments(studies.get("pilot"))
        assert [str(row.position) for row in rows][:3] == acknowledged and len(rows) == 3
        assert studies.sitting("pilot", token).rater.answered == 3
    assert doctor.examine(tmp_path / "library", TinySpace()) == []


def test_doctor_tells_of_pictures_that_are_lost_or_of_no_study(pilot, library):
    studies, study = pilot
    assert doctor.examine(library.root, TinySpace()) == []
    folder = library.root / "studies"
    lost, changed = (folder / f"{each.pictures[0].file}.png" for each in studies.trials(study)[:2])
    lost.unlink()
    changed.write_bytes(b"something else")
    stray = folder / f"{'0' * 64}.png"
    painting(3).save(stray)
    found = doctor.examine(library.root, TinySpace())
    assert {(each.code, each.subjects) for each in found} == {
        ("study_picture", (str(lost),)), ("study_picture", (str(changed),)),
    }  # fmt: skip
    assert all("pilot" in each.what for each in found)
    os.utime(stray, (0, 0))
    report = doctor.repair(library.root, TinySpace())
    assert [each.code for each in report.mended] == ["study_stray"] and not stray.exists()
    assert len(list((library.root / "set-aside").iterdir())) == 1


def test_a_study_goes_on_in_a_library_that_was_moved(pilot, library, tmp_path):
    studies, study = pilot
    rater = first_rater(studies, study)
    studies.answer("pilot", rater.token, 0, 1, 300)
    export_library(library.root, tmp_path / "export.zip")
    import_library(tmp_path / "export.zip", tmp_path / "moved")
    with Studies.open(tmp_path / "moved") as there:
        assert there.all() == studies.all() and there.judgments(study) == studies.judgments(study)
        assert there.sitting("pilot", rater.token) == studies.sitting("pilot", rater.token)
        for each in (there, studies):
            assert each.answer("pilot", rater.token, 1, 0)
        picture = there.picture("pilot", rater.token, 2, 0).read_bytes()
        assert picture == studies.picture("pilot", rater.token, 2, 0).read_bytes()


def test_studies_open_without_a_space_and_only_where_there_is_a_library(tmp_path):
    with pytest.raises(NotFoundError, match="no library"), Studies.open(tmp_path / "none"):
        pass
    Database(tmp_path / "library.db").close()
    with Studies.open(tmp_path) as studies:
        assert studies.all() == []
