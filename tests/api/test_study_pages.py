"""What raters' links show and take over HTTP: one question after another, and nothing that gives an answer away."""

import csv
import io
import re
from html import escape
from html.parser import HTMLParser

import pytest
from fastapi.testclient import TestClient

from mindseye.api.mindseye import Mindseye
from mindseye.api.service.app import create_app
from mindseye.api.service.service import Service
from mindseye.indexer.studies import Studies
from tests.indexer.studying import WORDS, new_study

TOKEN = "of-the-owner"


class Tags(HTMLParser):
    """Every attribute of every tag of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values, self.texts = [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.values += [value for _, value in attributes if value]

    def handle_data(self, data):
        self.texts.append(data)


@pytest.fixture(scope="module")
def owner(pocket, tmp_path_factory):
    """The owner's browser, with the token; the library holds the study `pilot` and the picture study `look`."""
    folder = tmp_path_factory.mktemp("judged")
    with Mindseye(folder / "library", pocket, "pytest") as eye:
        studies = Studies.of(eye.library(create=True))
        studies.create(new_study(studies, folder / "pictures", raters=8))
        studies.create(new_study(studies, folder / "pictures", name="look", question="image", raters=4))
        asks = {"name": "asks", "raters": 3, "consent": "My answers may be published."}
        studies.create(new_study(studies, folder / "pictures", **asks))
        app = create_app(Service(eye, token=TOKEN, names=["testserver"]))
        yield TestClient(app, headers={"Authorization": f"Bearer {TOKEN}"}, raise_server_exceptions=True)


@pytest.fixture
def studies(owner):
    return Studies.of(owner.app.state.service.library)


@pytest.fixture
def rater(owner):
    """Someone without a token; every test takes another link."""
    return TestClient(owner.app)


def link(studies, number, name="pilot"):
    return f"/study/{name}/r/{studies.raters(studies.get(name))[number - 1].token}"


def test_a_link_works_without_the_token_and_nothing_else_does(owner, rater, studies):
    assert rater.get(link(studies, 1)).status_code == 200
    closed = ["/studies", "/studies/pilot", "/v1/studies", "/v1/studies/pilot/links", "/v1/studies/pilot/judgments.csv"]
    for path in [*closed, "/studies/pilot/pictures/0/0", "/", "/v1/status"]:
        assert rater.get(path, follow_redirects=False).status_code in (401, 303), path
        assert owner.get(path).status_code == 200, path


def test_a_rater_judges_from_welcome_to_thanks(rater, studies):
    here = link(studies, 2)
    assert "Welcome" in rater.get(here).text
    page = rater.post(f"{here}/begin")
    for position in range(6):
        assert f"{position + 1} / 6" in page.text
        page = rater.post(f"{here}/answer", data={"position": position, "place": 1, "response_ms": "950"})
        assert page.status_code == 200 and str(page.url).endswith(here)
    assert "Thank you" in page.text and "Thank you" in rater.get(here).text
    rows = [each for each in studies.judgments(studies.get("pilot")) if each.rater == 2]
    assert [each.position for each in rows] == list(range(6)) and {each.response_ms for each in rows} == {950}


def test_nobody_begins_without_the_consent_that_is_asked(owner, rater, studies):
    here = link(studies, 2, "asks")
    for data in ({}, {"agreed": "off"}):
        refused = rater.post(f"{here}/begin", data=data)
        assert refused.status_code == 400 and "tick that you agree" in refused.text
        assert f'action="{here}/begin"' in refused.text and "My answers may be published." in refused.text
    assert rater.post(f"{here}/answer", data={"position": 0, "place": 0}).status_code == 400
    assert "1 / 6" in rater.post(f"{here}/begin", data={"agreed": "on"}).text
    assert "1 / 6" in rater.post(f"{here}/begin").text  # sent twice
    rater.post(f"{here}/answer", data={"position": 0, "place": 0})
    (row,) = csv.DictReader(io.StringIO(owner.get("/v1/studies/asks/judgments.csv").text))
    agreed = [each.agreed for each in studies.raters(studies.get("asks"))]
    assert agreed == [None, row["agreed_at"], None] and re.match(r"\d{4}-\d\d-\d\dT", row["agreed_at"])


def test_one_right_answer_is_no_certainty(owner, rater, studies, tmp_path):
    study = studies.create(new_study(studies, tmp_path, name="once"))
    here, choice = link(studies, 1, "once"), studies.raters(study)[0].plan[0]
    trial = studies.trials(study)[choice.trial]
    rater.post(f"{here}/begin")
    rater.post(f"{here}/answer", data={"position": 0, "place": choice.places.index(trial.answer)})
    page = owner.get("/studies/once").text
    assert "2.5 % to 100.0 %" in page and "100.0 % to 100.0 %" not in page
    assert "other raters and other words are not allowed for" in page


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": "a b"}, "cannot be the name"), ({"name": "pilot"}, "already"), ({"words": "cat"}, "2 to 2000 words"),
        ({"raters": "x"}, "“raters” cannot be"), ({"attention": ""}, "“attention” cannot be"),
        ({"question": "why"}, "“question” cannot be"),
    ],
)  # fmt: skip
def test_a_refused_form_says_why_and_keeps_what_was_typed(wrong, said, owner):
    typed = {"name": "mine", "words": "cat, animal\n<dog>", "raters": "7", "attention": "3", "question": "image"}
    typed |= {"confounders": "category", "pictures": "found", "instructions": "Look!", "consent": "Yes & no."} | wrong
    page = owner.post("/studies", data=typed, headers={"Origin": "http://testserver"})
    assert page.status_code == 400 and said in page.text and 'role="alert"' in page.text
    for name in ("name", "raters", "attention"):
        assert f'name="{name}" value="{typed[name]}"' in page.text
    for name in ("words", "instructions", "consent"):
        assert f">\n{escape(typed[name])}</textarea>" in page.text
    for name in ("confounders", "pictures"):
        assert f'name="{name}" value="{typed[name]}" checked' in page.text
    assert not owner.get("/v1/jobs").json()


def test_the_form_says_what_checks_of_attention_are(owner):
    page = owner.get("/studies").text
    assert 'aria-describedby="checks"' in page and "with fewer than 80 % of them right is flagged" in page


def test_a_double_click_and_the_back_button_change_nothing(rater, studies):
    here = link(studies, 3)
    rater.post(f"{here}/begin")
    for place in (0, 0, 1):
        page = rater.post(f"{here}/answer", data={"position": 0, "place": place})
        assert page.status_code == 200 and "2 / 6" in page.text
    rows = [each for each in studies.judgments(studies.get("pilot")) if each.rater == 3]
    assert len(rows) == 1 and rows[0].response_ms is None
    assert rater.get(here).headers["cache-control"] == "no-store"


@pytest.mark.parametrize("name", ["pilot", "look"])
def test_nothing_gives_the_answer_away(name, rater, studies):
    here, study = link(studies, 4, name), studies.get(name)
    trials = {each.number: each for each in studies.trials(study)}
    plan = studies.raters(study)[3].plan
    hashes = {value for each in trials.values() for shown in each.pictures for value in (shown.file, shown.content)}
    rater.post(f"{here}/begin")
    for position, choice in enumerate(plan):
        page, trial = rater.get(here), trials[choice.trial]
        values = [value.replace(here, "") for value in Tags(page.text).values]
        words = {*WORDS, "photo", "attention", "judged"}
        assert not [value for value in values if any(word in value for word in words)]
        assert not [each for each in hashes if each in page.text or each in str(page.headers)]
        if name == "pilot":  # both words, in the order of their places, and none else
            options = re.findall(r"<span>(\w+)</span>", page.text)
            assert options == [trial.options[each] for each in choice.places]
        else:
            assert f"“{trial.word}”" in page.text and trial.options[1] not in " ".join(Tags(page.text).texts).split()
        for place in range(len(trial.pictures)):
            picture = rater.get(f"{here}/{position}/{place}")
            assert picture.headers["content-type"] == "image/png" and "content-disposition" not in picture.headers
            told = (str(picture.headers) + picture.content.decode("latin-1")).lower()
            assert not [word for word in (*words, trial.pictures[place].file) if word in told.replace("photoshop", "")]
        rater.post(f"{here}/answer", data={"position": position, "place": 0})


def test_the_page_shows_nothing_of_the_library(rater, studies):
    here = link(studies, 5)
    pages = [rater.get(here).text, rater.post(f"{here}/begin").text, rater.get(f"{here}x").text]
    for page in pages:
        links = re.findall(r'(?:href|src|action)="([^"]*)"', page)
        assert all(each.startswith(("/static/", here, "data:")) for each in links), links
        assert "Mindseye" not in page and "<nav" not in page


def test_pictures_further_ahead_are_not_sent(rater, studies):
    here = link(studies, 6)
    rater.post(f"{here}/begin")
    assert [rater.get(f"{here}/{position}/0").status_code for position in (0, 1, 2, 5, 6)] == [200, 200, 404, 404, 404]


@pytest.mark.parametrize(
    "data",
    [{}, {"position": 0}, {"position": 0, "place": 9}, {"position": 3, "place": 0}, {"position": "x", "place": 0},
     {"position": -1, "place": 0}, {"position": 0, "place": 10**9}],
)  # fmt: skip
def test_what_is_no_answer_is_refused_on_a_page_for_raters(data, rater, studies):
    here = link(studies, 7)
    rater.post(f"{here}/begin")
    refused = rater.post(f"{here}/answer", data=data)
    assert refused.status_code == 400 and "That did not work" in refused.text and "Mindseye" not in refused.text
    assert not [each for each in studies.judgments(studies.get("pilot")) if each.rater == 7]


@pytest.mark.parametrize("said", ["-5", "x", "1e9", "99999999999", "١٢"])
def test_a_time_that_cannot_be_is_none(said, rater, studies):
    here, before = link(studies, 8), len(studies.judgments(studies.get("pilot")))
    rater.post(f"{here}/begin")
    position = studies.raters(studies.get("pilot"))[7].answered
    rater.post(f"{here}/answer", data={"position": position, "place": 0, "response_ms": said})
    rows = studies.judgments(studies.get("pilot"))
    assert len(rows) == before + 1 and rows[-1].rater == 8 and rows[-1].response_ms is None


def test_links_that_lead_nowhere(rater, studies):
    for path in ("/study/pilot/r/x", "/study/none/r/x", f"{link(studies, 1).replace('pilot', 'look')}"):
        for answer in (rater.get(path), rater.post(f"{path}/begin"), rater.get(f"{path}/0/0")):
            assert answer.status_code == 404 and "leads to no study" in answer.text


def test_the_owner_sees_results_links_and_files(owner, studies):
    told = owner.get("/v1/studies/pilot/results").json()
    assert told["study"]["name"] == "pilot" and len(told["raters"]) == 8
    assert owner.get("/v1/studies/pilot").json() == told["study"] == owner.get("/v1/studies").json()[0]
    links = owner.get("/v1/studies/pilot/links").json()
    assert links[0]["link"].endswith(link(studies, 1)) and links[0]["total"] == 6
    page = owner.get("/studies/pilot")
    assert page.status_code == 200 and all(each["link"] in page.text for each in links)
    table = owner.get("/v1/studies/pilot/judgments.csv")
    assert table.text.startswith("study,question,") and 'filename="pilot.csv"' in table.headers["content-disposition"]
    assert owner.get("/v1/studies/pilot/figure.png").content.startswith(b"\x89PNG")
    assert owner.get("/studies/pilot/pictures/0/0").headers["content-type"] == "image/png"
    assert "pilot" in owner.get("/studies").text
    for path in (
        "/v1/studies/none",
        "/v1/studies/none/results",
        "/v1/studies/none/links",
        "/v1/studies/none/figure.png",
    ):
        assert owner.get(path).status_code == 404


def test_more_links_and_no_study_of_nothing(owner, studies):
    before = studies.get("look").raters
    assert len(owner.post("/v1/studies/look/links", json={"count": 2}).json()) == before + 2
    page = owner.post("/studies/look/raters", data={"count": 1}, headers={"Origin": "http://testserver"})
    assert page.status_code == 200 and studies.get("look").raters == before + 3
    assert owner.post("/v1/studies", json={"name": "a b", "words": ["x", "y"]}).status_code == 400
    assert owner.post("/v1/studies", json={"name": "pilot", "words": ["cat", "dog"]}).status_code == 400
    assert owner.post("/v1/studies", json={"name": "n", "words": ["cat"]}).status_code == 422
    assert owner.post("/v1/studies", json={"name": "n", "words": ["/etc/passwd.txt", "x.csv"]}).status_code == 202
    assert owner.delete("/v1/studies/none").status_code == 404
