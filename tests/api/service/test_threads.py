"""One library for all threads: searches while it is indexed, imagined pictures asked for, items removed."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from mindseye.api.mindseye import Mindseye
from mindseye.indexer.filters import Filter
from tests.pictures import paint

PICTURES = 40  # two batches
REMOVED = 6  # half of them one by one, the rest with their collection


@pytest.fixture
def eye(pocket, photos, tmp_path):
    with Mindseye(tmp_path / "library", pocket, "pytest") as eye:
        eye.index([photos / "album"], "album")
        yield eye


def test_searches_while_indexing_and_removing(eye, tmp_path):
    for seed in range(PICTURES):
        paint(tmp_path / "new" / f"{seed}.png", seed)
    for seed in range(REMOVED):
        paint(tmp_path / "passing" / f"{seed}.png", PICTURES + seed)
    eye.index([tmp_path / "passing"], "passing")
    done, totals = Event(), []

    def ask(word: str) -> int:
        asked = 0
        while not done.is_set() or not asked:
            answer = eye.search(word, 3, modalities=["image"], within=Filter(collection="album"))
            assert [hit.path.stem for hit in answer.hits[:1]] == [word]
            totals.append(eye.search(word, 1, modalities=["image"]).total)
            asked += 1
        return asked

    def remove() -> list[int]:
        removed = []
        for number in range(REMOVED // 2):
            removed.append(eye.remove([str(tmp_path / "passing" / f"{number}.png")]))
            eye.status()
        return [*removed, eye.remove(collection="passing")]

    with ThreadPoolExecutor(5) as pool:
        asking = [pool.submit(ask, word) for word in ("cat", "rocket", "coins")]
        removing = pool.submit(remove)
        report = eye.index([tmp_path / "new"], "new")
        removed = removing.result()
        done.set()
        assert all(each.result() > 0 for each in asking)
    assert report.added == PICTURES
    assert removed == [1, 1, 1, 3]
    assert set(totals) <= set(range(13, 13 + REMOVED + PICTURES + 1)) and eye.status().vectors == 13 + PICTURES
    assert eye.search("cat", 1, modalities=["image"]).total == 13 + PICTURES


def test_a_library_is_opened_once_by_many(pocket, photos, tmp_path):
    with Mindseye(tmp_path / "library", pocket, "pytest") as eye, ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(lambda _: eye.library(create=True), range(32)))
        assert len(set(map(id, opened))) == 1


def test_every_modality_is_opened_by_many_at_once(pocket, photos, tmp_path):
    with Mindseye(tmp_path / "library", pocket, "pytest") as eye:
        eye.index([photos / "album"], "album")
    with Mindseye(tmp_path / "library", pocket, "pytest") as eye, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: eye.search("okapi", 5).as_dict()["hits"], range(16)))
    assert all(each == answers[0] for each in answers) and answers[0]
