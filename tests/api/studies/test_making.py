"""What is made of a wish, what is left out, what is refused."""

import pytest
from PIL import Image

from mindseye.api import mindseye
from mindseye.api.studies.making import make_study
from mindseye.api.studies.results import study_results
from mindseye.api.studies.wish import StudyWish
from mindseye.api.studies.words import read_words
from mindseye.engine.errors import UsageError
from mindseye.engine.vision.pictures import read_picture
from mindseye.indexer.studies import Studies
from tests.api.studies.judging import WORDS


def test_every_word_is_right_once_and_wrong_once(study):
    studies, made = study(attention=0)
    trials = studies.trials(made.study)
    assert [each.word for each in trials] == WORDS.split(",")
    assert sorted(each.options[1] for each in trials) == sorted(WORDS.split(","))
    assert all(each.options[0] == each.word != each.options[1] for each in trials)
    assert made.left_out == () and made.study.raters == 10


def test_confounders_of_the_same_category(study):
    studies, made = study(words=WORDS, confounders="category", categorise={
        "zebra": "animal", "okapi": "animal", "piano": "instrument", "violin": "instrument",
    }.get)  # fmt: skip
    against = {each.word: each.options[1] for each in studies.trials(made.study) if each.kind == "judged"}
    assert against == {"zebra": "okapi", "okapi": "zebra", "piano": "violin", "violin": "piano"}


def test_words_that_cannot_take_part_are_left_out_with_reasons(study):
    told = {"zebra": "animal", "okapi": "animal", "piano": "instrument"}
    studies, made = study(words=f"{WORDS},xyzzyq", confounders="category", categorise=told.get)
    assert {each.word: each.reason for each in made.left_out} == {
        "xyzzyq": "neither dictionary nor word vectors know 'xyzzyq'",
        "violin": "nobody knows its category",
        "piano": "no other word is of its category",
    }
    assert made.study.settings["left_out"].keys() == {"xyzzyq", "violin", "piano"}
    assert [each.word for each in studies.trials(made.study)][:2] == ["zebra", "okapi"]


def test_fewer_than_two_words_make_no_study(study, shared):
    with pytest.raises(UsageError, match=r"fewer than two words can take part \(xyzzyq"):
        study(words="zebra,xyzzyq")
    assert Studies.of(shared.library()).all() == []


def test_pictures_are_the_imagined_ones_and_stay_when_those_are_removed(study, shared):
    studies, made = study(attention=0)
    trial = studies.trials(made.study)[0]
    stored = next(each for each in shared.library().imagined() if each.record.query == "zebra")
    assert trial.pictures[0].item_id == stored.item_id and trial.pictures[0].origin == "imagined"
    shared.remove([str(stored.item_id)])
    rater = studies.raters(made.study)[0]
    studies.begin("pilot", rater.token)
    shown = {each.trial: position for position, each in enumerate(rater.plan)}[0]
    for position in range(shown):
        studies.answer("pilot", rater.token, position, 0)
    picture = read_picture(studies.picture("pilot", rater.token, shown, 0).read_bytes(), "it")
    assert picture.image.tobytes() == read_picture(stored.path.read_bytes(), "it").image.tobytes()
    assert study_results(studies, "pilot").items


def test_a_picture_question_shows_both_pictures(study):
    studies, made = study("image")
    trials = studies.trials(made.study)
    own = {each.word: each.pictures[0] for each in trials}
    for each in trials:
        assert each.pictures == (own[each.options[0]], each.pictures[1]) and len(set(each.pictures)) == 2
        assert each.kind == "attention" or each.pictures[1] == own[each.options[1]]


def test_a_category_question_asks_for_the_categories_of_the_words(study):
    kinds = {"zebra": "animal", "okapi": "animal", "piano": "instrument", "violin": "instrument"}
    studies, made = study("category", categorise=kinds.get, attention=4)
    trials = studies.trials(made.study)
    assert {each.options for each in trials} == {("animal", "instrument")}
    assert all(each.options[each.answer] == each.category for each in trials)
    cards = [each for each in trials if each.kind == "attention"]
    assert sorted(each.category for each in cards) == ["animal", "animal", "instrument", "instrument"]
    assert made.study.confounders is None
    with pytest.raises(UsageError, match="needs two"):
        study("category", words="zebra,okapi", categorise=kinds.get)


def test_checks_of_attention_show_real_photographs_of_clear_things(study, demo_manifest):
    studies, made = study(attention=8)
    checks = [each for each in studies.trials(made.study) if each.kind == "attention"]
    assert len({each.word for each in checks}) == 8 == made.study.attention
    photos = {each.word: each.path for each in demo_manifest.pictures}
    for each in checks:
        kept = studies.root / "studies" / f"{each.pictures[0].file}.png"
        with Image.open(kept) as small, Image.open(photos[each.word]) as photo:
            assert max(small.size) <= 512 and abs(small.width / small.height - photo.width / photo.height) < 0.02
        assert each.options[0] == each.word and each.options[1] in photos and each.pictures[0].origin == "shipped"
    with pytest.raises(UsageError, match="0 to 8 checks"):
        study(attention=9)


@pytest.mark.slow
def test_found_pictures_stand_for_one_word_each(pocket, demo_manifest, tmp_path):
    with mindseye.Mindseye(tmp_path / "library", pocket, "pytest") as eye:
        eye.index([each.path for each in demo_manifest.pictures], "demo")
        made = make_study(eye, StudyWish("pilot", read_words(["cat,tiger,rocket"]), pictures="found", attention=0))
        trials = Studies.of(eye.library()).trials(made.study)
        shown = [eye.item(str(each.pictures[0].item_id)).path.name for each in trials]
        assert shown[0] == "chelsea.png" and "rocket" in shown[2] and len(set(shown)) == 3
        wish = StudyWish("other", read_words(["cat,rocket"]), pictures="found", attention=0)
        made = make_study(eye, wish, may_show=lambda path: path.name != "chelsea.png")
        trials = Studies.of(eye.library()).trials(made.study)
        assert "chelsea.png" not in [eye.item(str(each.pictures[0].item_id)).path.name for each in trials]


@pytest.mark.parametrize(
    "about",
    [
        {"name": "a b"}, {"name": "../x"}, {"name": ""}, {"raters": 0}, {"raters": 10**6}, {"words": []},
        {"attention_limit": 1.5}, {"seed": -1}, {"question": "why"}, {"confounders": "none"}, {"pictures": "drawn"},
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_before_any_work(about):
    with pytest.raises(UsageError):
        StudyWish(**{"name": "pilot", "words": read_words([WORDS])} | about).check()
