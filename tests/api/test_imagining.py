"""Imagining through the product: what no picture shows, invented and abstract words, provenance."""

import numpy as np
import pytest
from PIL import Image

from mindseye.engine.errors import UnknownWordError, UsageError
from mindseye.engine.mixture import alone
from mindseye.engine.synthesis import EnsembleInversion, InversionSettings

SIZE = 48  # small pictures: these tests ask what is done, not how well it looks
SMALL = EnsembleInversion(InversionSettings(size=SIZE, steps=20))


@pytest.mark.slow
def test_an_empty_library_imagines_from_noise(eye):
    imagined = eye.imagine("okapi", size=SIZE)
    picture = Image.open(imagined.path)
    assert picture.size == (SIZE, SIZE) and picture.text["mindseye:synthetic"] == "true"
    record = imagined.stored.record
    assert record.recalled == () and record.similarity > 0.1 and "giraffe" in record.definition


def test_the_same_request_returns_the_stored_picture(eye):
    first = eye.imagine("okapi", size=SIZE)
    changed = first.path.stat().st_mtime_ns
    again = eye.imagine("okapi", size=SIZE)
    assert again.stored.id == first.stored.id and again.path.stat().st_mtime_ns == changed
    assert eye.status().imagined == 1


@pytest.mark.slow
def test_another_seed_imagines_another_picture(eye):
    one, other = (eye.imagine("okapi", size=SIZE, seed=seed) for seed in (0, 1))
    assert one.stored.id != other.stored.id
    difference = np.asarray(Image.open(one.path), float) - np.asarray(Image.open(other.path), float)
    assert np.abs(difference).mean() > 3


@pytest.mark.slow
def test_the_picture_looks_like_its_word_to_the_network_that_searches(eye, pocket):
    words = ["volcano", "strawberry"]
    made = eye.imagine_mixtures(list(map(alone, eye.queries(words))), [0, 0], size=96)
    rows = pocket.image_rows(pocket.encode_images([Image.open(m.path).convert("RGB") for m in made]))
    asked = np.stack([pocket.word_query(word).row for word in words])
    assert (asked @ rows.T).argmax(axis=1).tolist() == [0, 1]


def test_an_invented_word_is_imagined_by_its_meaning(eye):
    with pytest.raises(UnknownWordError, match="--means"):
        eye.imagine("wampimuk", size=SIZE)
    imagined = eye.imagine("wampimuk", means="a small furry animal with a long tail", size=SIZE)
    assert imagined.stored.record.definition == "a small furry animal with a long tail"


@pytest.mark.slow
@pytest.mark.parametrize("word", ["justice", "autumn"])
def test_an_abstract_word_says_how_little_it_is_known(eye, word):
    imagined = eye.imagine(word, size=SIZE)
    assert imagined.knowledge < 0.18 and f"knows '{word}' hardly" in imagined.knowledge_in_words
    assert imagined.as_dict()["knowledge"] == pytest.approx(imagined.knowledge, abs=1e-3)


@pytest.mark.slow
def test_a_sense_is_kept_with_the_picture(eye, pocket):
    bird = next(s for s in pocket.lexicon.senses("crane") if "bird" in s.definition)
    record = eye.imagine("crane", sense=bird.number, size=SIZE).stored.record
    assert (record.sense, record.definition) == (str(bird.number), bird.definition)


@pytest.mark.parametrize("size", [7, 5000])
def test_a_size_out_of_range_is_refused(eye, size):
    with pytest.raises(UsageError, match=str(size)):
        eye.imagine("okapi", size=size)
    assert eye.status().imagined == 0


def test_search_falls_through_to_imagining_and_imagined_pictures_are_never_found(eye, demo_manifest, monkeypatch):
    from mindseye.api import imagining

    monkeypatch.setattr(imagining, "load_method", lambda **_: SMALL)
    eye.index([p.path for p in demo_manifest.pictures])
    answer = eye.search("okapi", 13, imagine="auto")
    assert not answer.decision.matched and answer.imagined is not None
    assert answer.imagined.path not in [hit.path for hit in eye.search("okapi", 13).hits]
    assert eye.search("cat", imagine="auto").imagined is None
    assert eye.search("cat", imagine="always").imagined is not None


@pytest.mark.slow
def test_an_imagined_picture_in_an_indexed_folder_stays_out_of_search(eye, tmp_path):
    imagined = eye.imagine("okapi", size=SIZE)
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "copy.png").write_bytes(imagined.path.read_bytes())
    Image.effect_noise((64, 64), 50).save(folder / "real.png")
    report = eye.index([folder])
    assert report.imagined == 1 and [hit.path.name for hit in eye.search("okapi").hits] == ["real.png"]


def test_a_picture_explains_itself(eye):
    imagined = eye.imagine("okapi", size=SIZE, seed=3)
    told = "\n".join(eye.explain(str(imagined.stored.item_id)).lines())
    for fact in ("okapi", "seed 3", "ensemble_inversion", "similar to the giraffe", "similarity"):
        assert fact in told


def test_a_cancelled_picture_leaves_nothing(eye):
    class StopNowError(Exception):
        pass

    def stop(step: int, steps: int) -> None:
        if step == 3:
            raise StopNowError

    with pytest.raises(StopNowError):
        eye.imagine("okapi", size=SIZE, progress=stop)
    assert eye.status().imagined == 0 and not list(eye.root.rglob("*.png"))
    assert eye.imagine("okapi", size=SIZE).path.exists()
