"""Searches over HTTP: the same answers as the commands, by words, sums, items and pictures."""

import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from mindseye.api.client import ServiceError
from mindseye.api.service.shapes import SearchAnswer

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def names(answer: SearchAnswer) -> list[str]:
    return [hit.uri.rpartition("/")[2] for hit in answer.hits]


def refused(call, *arguments, **options) -> ServiceError:
    with pytest.raises(ServiceError) as told:
        call(*arguments, **options)
    return told.value


def test_an_answer_is_that_of_the_command(running, client, served_eye):
    answer = client._http.get("/v1/search", params={"q": "cat", "limit": 5}).json()
    direct = served_eye.search("cat", 5).as_dict()
    assert answer["timings_ms"].keys() == direct["timings_ms"].keys()
    links = [hit.pop("links") for hit in answer["hits"]]
    assert {**answer, "timings_ms": 0} == {**direct, "job": None, "to_imagine": None, "timings_ms": 0}
    assert [each["item"] for each in links] == [f"/v1/items/{hit['item_id']}" for hit in answer["hits"]]
    assert answer["hits"][0]["uri"].endswith("cat.png") and answer["decision"]["matched"]


def test_pages_join(client):
    whole = client.search("animal", limit=12, among="images")
    pages = [client.search("animal", limit=5, offset=offset, among="images") for offset in (0, 5, 10)]
    assert [name for page in pages for name in names(page)][:12] == names(whole)
    assert {page.total for page in pages} == {whole.total} == {13}


def test_post_takes_the_same_question(client):
    got = client.search("cat", among="images", label=["photo"], collection="album")
    asked = {"q": "cat", "in": "images", "label": ["photo"], "collection": "album"}
    posted = SearchAnswer.model_validate(client._http.post("/v1/search", json=asked).json())
    assert names(got) == names(posted) and posted.total == got.total


def test_filters(client):
    assert names(client.search("cat", path="rocket.*", among="images")) == ["rocket.jpg"]
    assert client.search("cat", label=["none has it"], among="images").total == 0
    assert refused(client.search, "cat", collection="nowhere").code == "not_found"
    assert refused(client.search, "cat", date="yesterday").code == "usage"


def test_texts_are_found_with_their_places(client):
    hit = client.search("okapi", among="paragraphs").hits[0]
    assert hit.modality == "paragraph" and "okapi" in hit.text and hit.links.thumbnail is None


def test_sums_name_items_and_no_files(client, photos):
    cat = client.search("cat", limit=1, among="images").hits[0].item_id
    answer = client.search(f"dog - cat + @{cat}", among="images")
    assert answer.decision.decided is False and "cat.png" not in names(answer)
    for name in (photos / "album" / "cat.png", "/etc/passwd", "../../../etc/passwd"):
        assert refused(client.search, f"dog + @{name}").code == "usage"
    assert refused(client.search, f'dog + @"{cat}0000"').status == 400


def test_an_id_in_a_sum_is_no_file(client, tmp_path, monkeypatch):
    """A file called like the id lies in the folder that the service was started in."""
    cat = client.search("cat", limit=1, among="images").hits[0].item_id
    Image.new("RGB", (32, 32), "red").save(tmp_path / "red.png")
    (tmp_path / "red.png").rename(tmp_path / str(cat))
    before = names(client.search(f"dog + @{cat}"))
    monkeypatch.chdir(tmp_path)
    assert names(client.search(f"dog + @{cat}")) == before


def test_similar_leaves_itself_out(client):
    cat = client.search("cat", limit=1, among="images").hits[0]
    assert "cat.png" not in names(client.similar(cat.item_id, among="images"))
    assert client.similar(cat.item_id, limit=2, among="images").total == 12
    assert refused(client.similar, 10**9).status == 404


def test_a_picture_that_is_sent_finds_itself(client, photos, tmp_path):
    answer = client.search_picture(photos / "album" / "cat.png", limit=3, among="images")
    assert names(answer)[0] == "cat.png" and answer.hits[0].score > 0.99 and answer.query == "cat.png"
    with Image.open(photos / "album" / "cat.png") as cat:
        small = io.BytesIO()
        cat.convert("RGB").resize((100, 80)).save(small, "WEBP")
    assert names(client.search_picture(small.getvalue(), limit=1, among="images")) == ["cat.png"]


@pytest.mark.parametrize("name", ["../../../etc/passwd", "a\\b.png", "ä\u202e.png", ".", "x" * 3000])
def test_a_sent_name_is_only_a_name(running, photos, name):
    data = (photos / "album" / "cat.png").read_bytes()
    with running.client() as client:
        answer = client._http.post("/v1/search", files={"picture": (name, data)}, data={"limit": "1"})
    assert answer.status_code == 200 and answer.json()["hits"][0]["uri"].endswith("cat.png")
    assert "/" not in answer.json()["query"]


def test_what_is_no_picture_is_refused(client):
    told = refused(client.search_picture, b"no picture")
    assert (told.status, told.code) == (422, "unreadable_file")


def test_suggestions_tell_senses(client):
    (crane, *_) = [each for each in client.suggestions("cran") if each.word == "crane"]
    assert len(crane.senses) > 1 and [sense.number for sense in crane.senses] == list(range(1, len(crane.senses) + 1))
    assert client.suggestions("qqqq") == []


def test_nobody_knows_such_a_word(client):
    told = refused(client.search, "asdfghjkl")
    assert (told.status, told.code) == (422, "unknown_word") and "asdfghjkl" in told.what


def test_what_no_picture_shows_begins_to_be_imagined(client):
    answer = client.search("zebra", imagine="auto")
    assert answer.job and answer.job.about["word"] == "zebra" and answer.to_imagine is None
    assert answer.hits, "the hits do not wait for it"
    assert client.cancel(answer.job.id).id == answer.job.id
    seen = client.search("cat", imagine="auto")
    assert seen.job is None and seen.to_imagine is None


def test_another_sites_page_begins_nothing(client):
    before = [job.id for job in client.jobs()]
    asked = {"q": "unicorn", "imagine": "auto"}
    told = client._http.get("/v1/search", params=asked, headers={"Sec-Fetch-Site": "cross-site"}).json()
    assert told["job"] is None and told["to_imagine"]["word"] == "unicorn"
    assert [job.id for job in client.jobs()] == before


def test_many_ask_at_once(client):
    """Each answer is its own question's, whatever runs beside it."""
    words = ["cat", "rocket", "coffee cup", "coin", "grass", "brick"]

    def ask(word: str) -> list[str]:
        return names(client.search(word, limit=3, among="images"))

    alone = {word: ask(word) for word in words}
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(ask, words * 8))
    assert together == [alone[word] for word in words * 8]
