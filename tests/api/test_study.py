"""`mindseye study` from words to results: what is made, what is told, what is refused."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
from PIL import Image
from scipy.stats import binomtest, false_discovery_control

from mindseye.api import imagining, mindseye
from mindseye.api.studies.making import make_study
from mindseye.api.studies.results import study_results
from mindseye.api.studies.table import _plain, judgments_csv
from mindseye.api.studies.wish import StudyWish
from mindseye.api.studies.words import StudyWord, categories_from, read_words, words_in
from mindseye.engine.errors import NotFoundError, UsageError
from mindseye.engine.text.wordnet import DEFAULT
from mindseye.engine.vision.pictures import read_picture
from mindseye.indexer.studies import Studies
from tests.sketching import Sketching

DONE, NO_MATCH, USAGE, PARTLY, FAILED = range(5)
WORDS = "zebra,okapi,piano,violin"
wordnet = pytest.mark.skipif(not (DEFAULT / "data.noun").exists(), reason="WordNet is not installed")


@pytest.fixture(autouse=True)
def quick(monkeypatch, pocket):
    """Sketches for pictures, in a space that is open already."""
    monkeypatch.setattr(imagining, "load_method", lambda size=None, **_: Sketching(size or 48))
    monkeypatch.setattr(mindseye, "open_space", lambda *_: pocket)


@pytest.fixture(scope="module")
def shared(pocket, tmp_path_factory):
    """A library whose studies share their pictures."""
    with mindseye.Mindseye(tmp_path_factory.mktemp("studies") / "library", pocket, "pytest") as opened:
        yield opened


@pytest.fixture
def study(shared):
    """Make a study called "pilot" and return its `Studies` and what was made."""
    studies = Studies.of(shared.library(create=True))

    def make(question="word", words=WORDS, categorise=None, attention=0, **about):
        for each in studies.all():
            studies.remove(each.name)
        wish = StudyWish("pilot", read_words([words]), question, attention=attention, **about)
        return studies, make_study(shared, wish, categorise)

    return make


def judge(studies, right_of, name="pilot"):
    """Answer all of a study; right_of(rater, trial) says whether rightly."""
    for rater in studies.raters(studies.get(name)):
        studies.begin(name, rater.token)
        while (sitting := studies.sitting(name, rater.token)).trial:
            trial, right = sitting.trial, right_of(rater.number, sitting.trial)
            option = trial.answer if right else next(n for n in range(len(trial.options)) if n != trial.answer)
            place = sitting.choice.places.index(option)
            studies.answer(name, rater.token, sitting.rater.answered, place, 1000 * rater.number)


# Words and categories.


def test_words_come_from_lists_files_and_norms(tmp_path):
    (tmp_path / "a.txt").write_text("Zebra\n\nokapi\nzebra\n")
    (tmp_path / "b.csv").write_text("category,word\nanimal,zebra\ninstrument,Grand_Piano\n")
    (tmp_path / "c.csv").write_text("violin,instrument\nharp\n")
    norms = ["Concept\tFeature", "accordion\thas_keys", "accordion\ta_musical_instrument", "bow_(weapon)\ta_weapon"]
    (tmp_path / "d.tsv").write_text("\n".join(norms))
    assert read_words([str(tmp_path / "a.txt")]) == [StudyWord("zebra"), StudyWord("okapi")]
    both = read_words([str(tmp_path / "a.txt"), str(tmp_path / "b.csv"), "harp, okapi"])
    assert both == [
        StudyWord("zebra", "animal"), StudyWord("okapi"), StudyWord("grand piano", "instrument"), StudyWord("harp"),
    ]  # fmt: skip
    assert read_words([str(tmp_path / "c.csv")]) == [StudyWord("violin", "instrument"), StudyWord("harp")]
    assert read_words([str(tmp_path / "d.tsv")]) == [
        StudyWord("accordion", "musical instrument"), StudyWord("bow", "weapon"),
    ]  # fmt: skip
    assert words_in("zebra, animal\n piano \n\n") == [StudyWord("zebra", "animal"), StudyWord("piano")]


def test_files_that_are_none_are_refused(tmp_path):
    with pytest.raises(UsageError, match="cannot be read"):
        read_words([str(tmp_path / "none.csv")])
    (tmp_path / "bad.txt").write_bytes(b"\xff\xfe\x00z")
    with pytest.raises(UsageError, match="no text in UTF-8"):
        read_words([str(tmp_path / "bad.txt")])


@wordnet
def test_wordnet_tells_categories(tmp_path):
    fine, macro = (categories_from("wordnet", question, tmp_path) for question in ("word", "category"))
    assert [fine(word) for word in ("violin", "okapi", "robin", "justice")] == [
        "musical instrument", "mammal", "bird", None,
    ]  # fmt: skip
    assert [macro(word) for word in ("violin", "okapi", "oak", "xyzzy")] == [
        "man-made", "animal", "other natural", None,
    ]  # fmt: skip


def test_norms_tell_categories(unpacked):
    path = unpacked.file("concept_norms.tar.gz")
    tell = categories_from("norms", "word", path.parent)
    assert [tell(word) for word in ("accordion", "robin", "ambulance", "xyzzy")] == [
        "musical instrument", "bird", "vehicle", None,
    ]  # fmt: skip


# What is made.


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


# What is found.


def test_results_by_hand(study):
    studies, _ = study(raters=6, attention=2)
    wrong = {("zebra", 1), ("okapi", 1), ("okapi", 2), ("okapi", 3), ("violin", 6), ("zebra", 6)}
    judge(studies, lambda rater, trial: (trial.word, rater) not in wrong and (rater, trial.kind) != (6, "attention"))
    told = study_results(studies, "pilot")
    assert {each.word: (each.right, each.judged) for each in told.items} == {
        "zebra": (4, 6), "okapi": (3, 6), "piano": (6, 6), "violin": (5, 6),
    }  # fmt: skip
    p = [binomtest(each.right, 6, 0.5, "greater").pvalue for each in told.items]
    assert [each.p for each in told.items] == pytest.approx(p)
    assert [each.p_adjusted for each in told.items] == pytest.approx(false_discovery_control(p))
    # (1/2)⁶ = .015625, times four items: .0625, so none is above chance at 5 %.
    assert told.items[2].p == pytest.approx(1 / 64) and told.items[2].p_adjusted == pytest.approx(4 / 64)
    assert told.significant == 0
    assert (told.overall.right, told.overall.judged, told.chance) == (18, 24, 0.5)
    low, high = told.overall.crossed
    assert low < 0.75 < high and high - low > told.overall.wilson[1] - told.overall.wilson[0]
    # Pairs of six raters that agree: zebra 4·3 + 2·1, okapi 3·2 + 3·2, piano 6·5, violin 5·4, of 30 each.
    assert told.agreement == pytest.approx((14 + 12 + 30 + 20) / 120)
    flags = {each.number: (each.attention_right, each.attention_judged, each.flagged) for each in told.raters}
    assert flags == dict.fromkeys(range(1, 6), (2, 2, False)) | {6: (0, 2, True)}
    assert [each.median_ms for each in told.raters] == [1000.0 * number for number in range(1, 7)]
    assert {each.median_ms for each in told.items} == {3500.0}


def test_inattentive_raters_are_left_out_when_asked(study):
    studies, _ = study(raters=3, attention=2)
    judge(studies, lambda rater, trial: rater != 3)
    everyone, attentive = study_results(studies, "pilot"), study_results(studies, "pilot", attentive=True)
    assert (everyone.overall.right, everyone.overall.judged) == (8, 12) and everyone.left_out == 0
    assert (attentive.overall.right, attentive.overall.judged) == (8, 8) and attentive.left_out == 1
    assert [each.counted for each in attentive.raters] == [True, True, False]
    assert attentive.alpha is None and everyone.alpha is not None


def test_nothing_answered_yet(study):
    studies, _ = study()
    told = study_results(studies, "pilot")
    assert told.overall.judged == 0 and told.items == () and told.agreement is None
    assert json.loads(json.dumps(told.as_dict()))["accuracy"]["share"] is None


def test_raters_who_stop_half_way_count_as_far_as_they_came(study):
    studies, made = study(raters=2, attention=0)
    rater = studies.raters(made.study)[0]
    studies.begin("pilot", rater.token)
    studies.answer("pilot", rater.token, 0, 0)
    told = study_results(studies, "pilot")
    assert told.overall.judged == 1 == len(told.items) and not told.raters[0].finished


def test_what_was_taken_for_what(study):
    kinds = {"zebra": "animal", "okapi": "animal", "piano": "instrument", "violin": "instrument"}
    studies, _ = study("category", categorise=kinds.get, raters=3)
    judge(studies, lambda rater, trial: trial.word != "okapi")
    told = study_results(studies, "pilot")
    assert told.categories.names == ("animal", "instrument") and told.categories.counts == ((3, 3), (0, 6))
    assert told.categories.within[0].share == 0.5 and told.categories.within[1].share == 1
    shown = told.as_dict()
    assert shown["confusion"] == ((3, 3), (0, 6)) and shown["within"]["animal"]["right"] == 3


def test_the_table_has_a_row_for_each_judgment(study):
    studies, made = study(raters=2, attention=1)
    judge(studies, lambda rater, trial: rater == 1)
    rows = list(csv.DictReader(io.StringIO(judgments_csv(studies, "pilot"))))
    assert len(rows) == 10 == made.study.raters * made.study.trials
    plans = {each.number: each.plan for each in studies.raters(made.study)}
    for row in rows:
        places = row["places"].split("|")
        assert sorted(places) == sorted(row["options"].split("|"))
        assert places[int(row["answer_place"])] == row["answer"] == row["word"]
        assert places[int(row["chosen_place"])] == row["chosen"]
        assert row["right"] == str(int(row["chosen"] == row["answer"])) == str(int(row["rater"] == "1"))
        assert plans[int(row["rater"])][int(row["position"])].trial == int(row["trial"])
        assert row["rater_flagged"] == str(int(row["rater"] == "2")) and row["response_ms"] == f"{row['rater']}000"
        assert (row["picture_origins"] == "shipped") == (row["kind"] == "attention")


def test_a_word_that_looks_like_a_formula_is_no_formula_in_the_table():
    assert [_plain(each) for each in ("=1+1", "@x", "-dash", "zebra")] == ["'=1+1", "'@x", "'-dash", "zebra"]


# The command line.


def test_a_session(run, tmp_path):
    code, out, err = run("study", "new", "pilot", "--words", WORDS, "--raters", 2, "--attention", 2)
    assert (code, err) == (DONE, "") and "6 choices, 2 of them checks of attention, for 2 raters" in out
    code, out, _ = run("study", "links", "pilot", "--base", "https://lab.example/")
    links = re.findall(r"https://lab.example/study/pilot/r/([\w-]{20,})", out)
    assert code == DONE and len(set(links)) == 2 and out.count("not opened") == 2
    with Studies.open(tmp_path / "library") as studies:
        judge(studies, lambda rater, trial: True)
    code, out, _ = run("study", "results", "pilot", "--csv", tmp_path / "out.csv", "--figure", tmp_path / "out.png")
    assert code == DONE and "accuracy 1.000 (8/8); chance 0.500, p 0.004" in out
    assert "0 of 4 items above chance" in out and "2/2" in out
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 13
    with Image.open(tmp_path / "out.png") as figure:
        assert figure.width > 800
    told = json.loads(run("study", "results", "pilot", "--json")[1])
    assert told["accuracy"]["share"] == 1 and told["correction"] == "benjamini_hochberg"
    assert run("study", "list")[1].startswith("pilot  word against any other  4 items  2/2 raters finished  12 ")
    assert [each["state"] for each in json.loads(run("study", "links", "pilot", "--json")[1])] == ["finished"] * 2
    assert run("study", "links", "pilot", "--add", 3)[1].count("/r/") == 5
    code, _, err = run("study", "remove", "pilot")
    assert code == USAGE and "its 12 judgments would be gone; add --yes" in err
    assert run("study", "remove", "pilot", "--yes")[0] == DONE
    assert json.loads(run("study", "list", "--json")[1]) == []


def test_words_left_out_are_told(run):
    code, out, err = run("study", "new", "pilot", "--words", "zebra,okapi,xyzzyq", "--attention", 0, "--json")
    assert code == PARTLY and err == "left out: xyzzyq (neither dictionary nor word vectors know 'xyzzyq')\n"
    assert json.loads(out)["left_out"][0]["word"] == "xyzzyq"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["new", "a b", "--words", WORDS], "cannot be the name of a study"),
        (["new", "pilot", "--words", "zebra"], "2 to 2000 words, not 1"),
        (["new", "pilot", "--words", "none.csv"], "none.csv cannot be read"),
        (["results", "pilot"], "no study is called 'pilot'; there are: none yet"),
        (["results", "pilot", "--csv", "out.txt"], "out.txt is no .csv file"),
    ],
)
def test_refusals(arguments, said, run, eye):
    eye.library(create=True)
    code, out, err = run("study", *arguments)
    assert (code, out) == (USAGE, "") and said in err


def test_what_cannot_be_done_with_a_new_study(run, tmp_path):
    new = ["study", "new", "pilot", "--words", "zebra,okapi", "--attention", 0]
    assert run(*new)[0] == DONE
    code, _, err = run("study", "results", "pilot", "--figure", tmp_path / "out.png")
    assert code == USAGE and "nobody has answered" in err and not (tmp_path / "out.png").exists()
    code, _, err = run(*new)
    assert code == USAGE and "there is a study 'pilot' already" in err


def test_no_library_no_study(run):
    assert run("study", "list")[0] == USAGE
    with pytest.raises(NotFoundError), Studies.open(Path("/nowhere")):
        pass
