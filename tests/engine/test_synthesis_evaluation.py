import sys
import tarfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from mindseye.engine.errors import UsageError
from mindseye.engine.evaluation.concepts import Concept, read_concepts, wordnet_ids
from mindseye.engine.evaluation.judges import load_judge
from mindseye.engine.evaluation.remembered import remember
from mindseye.engine.evaluation.synthesis import (
    Trial,
    evaluate_synthesis,
    judge_pictures,
    lowpass,
)
from mindseye.engine.synthesis import EnsembleInversion, InversionSettings, Recalled, Recollecting
from mindseye.engine.vision.backbone import read_head
from tests.conftest import SHARED

NORMS = SHARED / "concept_norms.tar.gz"
MOBILENET = SHARED / "judge_mobilenet_v2.tflite"

norms = pytest.mark.skipif(not NORMS.exists(), reason="the concept norms of ../shared/data are absent")
mobilenet = pytest.mark.skipif(not MOBILENET.exists(), reason="the judge of ../shared/data is absent")
both_judges = pytest.mark.parametrize(
    "judge", ["lite2", pytest.param(MOBILENET, marks=mobilenet)], ids=["lite2", "mobilenet"]
)

CONCEPTS = [Concept(f"word{number}", number, "ab"[number % 2]) for number in range(16)]


class Reader:
    """A judge that reads the class off a picture's red channel: class = red // 10, and sees no low-pass."""

    name = "reader"

    def logits(self, pictures):
        logits = np.zeros((len(pictures), 1000), dtype=np.float32)
        read = pictures[:, 0, 0, 0] // 10
        sharp = pictures.reshape(len(pictures), -1).std(axis=1) > 1
        logits[np.arange(len(pictures)), read] = np.where(sharp, 1.0, 0.0)
        return logits


def marked(number: int) -> np.ndarray:
    """A picture in which the Reader reads `number`: a chequered one, which a low-pass makes flat."""
    picture = np.full((80, 80, 3), number * 10 + 5, dtype=np.uint8)
    picture[::2, 1::2] += 4
    picture[1::2, ::2] -= 4
    return picture


# Concepts


def norms_file(folder: Path, rows: list[tuple[str, str, int, str]]) -> Path:
    lines = ["Concept\tFeature\tBR_Label\tProd_Freq"]
    lines += [f"{concept}\t{feature}\t{label}\t{people}" for concept, feature, people, label in rows]
    file = folder / "norms" / "mcrae" / "CONCS_FEATS_concstats_brm.txt"
    file.parent.mkdir(parents=True)
    file.write_text("\n".join(lines), encoding="latin-1")
    return folder


def test_a_concept_is_of_the_first_category_that_is_listed(tmp_path):
    folder = norms_file(
        tmp_path,
        [
            ("zebra", "has_stripes", 20, "visual"),
            ("zebra", "a_mammal", 4, "taxonomic"),
            ("cheetah", "a_mammal", 4, "taxonomic"),
            ("bow_(weapon)", "a_weapon", 5, "taxonomic"),  # too few weapons
            ("unicorn", "a_mammal", 9, "taxonomic"),  # no class is called unicorn
            ("zebra", "a_tool", 9, "taxonomic"),
            ("beaver", "a_mammal", 9, "taxonomic"),
        ],
    )
    assert read_concepts(folder) == [("zebra", 340, "mammal"), ("cheetah", 293, "mammal"), ("beaver", 337, "mammal")]


def test_a_category_gives_its_first_six(tmp_path):
    birds = ["chickadee", "flamingo", "goose", "ostrich", "partridge", "peacock", "pelican", "robin"]
    folder = norms_file(tmp_path, [(bird, "a_bird", 9, "taxonomic") for bird in birds])
    assert [concept.word for concept in read_concepts(folder)] == birds[:6]


def test_norms_are_read_from_the_archive_too(tmp_path):
    folder = norms_file(tmp_path, [(word, "a_mammal", 9, "taxonomic") for word in ("zebra", "beaver", "cheetah")])
    with tarfile.open(tmp_path / "norms.tar.gz", "w:gz") as archive:
        archive.add(folder / "norms", "norms")
    assert read_concepts(tmp_path / "norms.tar.gz") == read_concepts(folder) != []


def test_missing_norms_are_told(tmp_path):
    for path in (tmp_path, tmp_path / "absent.tar.gz"):
        with pytest.raises(UsageError, match=r"no CONCS_FEATS.* in .*give concept_norms.tar.gz"):
            read_concepts(path)


@norms
def test_the_norms_and_imagenet_share_45_concepts():
    concepts = read_concepts(NORMS)
    counts = Counter(concept.category for concept in concepts)
    assert len(concepts) == len({concept.class_index for concept in concepts}) == 45
    assert len(counts) == 9 and min(counts.values()) >= 3 and max(counts.values()) == 6
    assert Concept("grasshopper", 311, "insect") in concepts


def test_the_wordnet_ids_are_imagenet_s_sorted_classes():
    ids = wordnet_ids()
    assert ids == sorted(ids) and len(set(ids)) == 1000
    assert ids[340] == "n02391049"  # zebra


# Judges


@pytest.fixture(scope="module")
def photographs():
    """A tabby cat and a cup of coffee, 160 pixels wide."""
    pictures = [Image.fromarray(picture) for picture in (data.chelsea(), data.coffee())]
    return np.stack([np.asarray(picture.resize((160, 160))) for picture in pictures])


CATS, COFFEE = {281, 282, 283, 284, 285}, {504, 967, 968}


@both_judges
def test_a_judge_names_photographs(judge, photographs):
    pytest.importorskip("ai_edge_litert")
    logits = load_judge(judge).logits(photographs)
    assert logits.shape == (2, 1000) and logits.dtype == np.float32
    first, second = logits.argmax(axis=1)
    assert first in CATS and second in COFFEE


@both_judges
def test_no_pictures_have_no_logits(judge):
    pytest.importorskip("ai_edge_litert")
    assert load_judge(judge).logits(np.zeros((0, 8, 8, 3), np.uint8)).shape == (0, 1000)


def test_unknown_judges_are_refused(tmp_path):
    for name in ("lite7", tmp_path / "absent.tflite"):
        with pytest.raises(UsageError, match="no judge"):
            load_judge(name)
    (tmp_path / "text.tflite").write_text("not a model")
    with pytest.raises(UsageError, match=r"text.tflite is not a TensorFlow Lite model"):
        load_judge(tmp_path / "text.tflite")


def test_the_extra_is_named_when_the_runtime_is_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    (tmp_path / "judge.tflite").touch()
    with pytest.raises(UsageError, match=r"judge.tflite needs ai-edge-litert; pip install .*\[judge\]"):
        load_judge(tmp_path / "judge.tflite")


# Figures


def test_a_low_pass_keeps_blocks_and_removes_grain():
    blocks = np.kron(np.eye(4, dtype=np.uint8) * 200, np.ones((20, 20), np.uint8))
    picture = np.repeat(blocks[..., None], 3, axis=2)
    kept = lowpass(picture[None])[0].astype(int)
    assert np.abs(kept - picture)[5:15, 5:15].max() == 0
    assert lowpass(marked(7)[None])[0].std() < 1


def test_figures_are_given_at_full_size_and_after_the_low_pass():
    pictures = np.stack([marked(number) for number in range(16)])
    figures = judge_pictures(Reader(), pictures, CONCEPTS)
    right = {name for name, value in figures.items() if value == 1}
    assert right == {"two_way_random", "two_way_same_category", "sixteen_way", "category_of_choice"}
    assert figures["two_way_random_lowpass"] == pytest.approx(1 / 2)
    assert figures["sixteen_way_lowpass"] == pytest.approx(1 / 16)


def prototypes():
    heads = {name: read_head(name).weights for name in ("lite0", "lite1")}
    return [{name: head[c.class_index] - head.mean(0) for name, head in heads.items()} for c in CONCEPTS]


def test_recollections_are_judged_each_for_its_own_concept():
    memory = [[Recalled(marked(0), 0.1), Recalled(marked(number), 0.9)] for number in range(16)]
    method, targets = Recollecting(size=80, nearest=1), prototypes()
    figures = evaluate_synthesis(Trial(CONCEPTS, targets, memory), [Reader()], method)
    assert figures["reader"]["sixteen_way"] == 1
    memory[3] = [Recalled(marked(4), 0.9)]
    wrong = evaluate_synthesis(Trial(CONCEPTS, targets, memory), [Reader()], method)
    assert wrong["reader"]["sixteen_way"] == pytest.approx(15 / 16)


def test_a_concept_without_memory_is_named():
    memory = [[Recalled(marked(1), 0.9)]] * 15 + [[]]
    with pytest.raises(UsageError, match="memory holds no picture for target 15"):
        evaluate_synthesis(Trial(CONCEPTS, prototypes(), memory), [Reader()], Recollecting(size=64))


def test_imagined_pictures_are_judged_over_the_seeds():
    method = EnsembleInversion(InversionSettings(size=48, steps=2))
    seen = []
    trial = Trial(CONCEPTS, prototypes(), [[]] * 16)
    report = evaluate_synthesis(trial, [Reader()], method, (0, 1), on_step=seen.append)
    assert [(step.done, step.total) for step in seen] == [(step, 4) for step in (1, 2, 3, 4)]
    assert report["starts"] == {"noise": 32} and report["seconds_per_picture"] > 0
    assert set(report["similarity"]) == {"lite0", "lite1"}
    assert set(report["reader"]["standard_deviation"]) == set(report["reader"]) - {"standard_deviation"}


def test_too_few_concepts_are_refused_before_any_work():
    with pytest.raises(UsageError, match="15 concepts are too few"):
        evaluate_synthesis(Trial(CONCEPTS[:15], [], []), [Reader()], EnsembleInversion())


# Memory


class Greys:
    """An encoder whose feature is a picture's brightness, along one axis for light and another for dark."""

    width, fingerprint = 4, "greys"
    mean = np.array([0.3, 0.3, 0.2, 0.1], np.float32)

    def encode(self, pictures):
        rows = np.tile(self.mean, (len(pictures), 1))
        for row, picture in zip(rows, pictures, strict=True):
            brightness = np.asarray(picture).mean() / 255
            row[:2] += brightness, 1 - brightness
        return rows


def test_memory_holds_the_nearest_pictures_of_other_classes(tmp_path):
    for name, grey in (("n01_light", 250), ("n02_grey", 120), ("n03", 5), ("n04_own", 255)):
        (tmp_path / name).mkdir()
        Image.new("RGB", (8, 8), (grey,) * 3).save(tmp_path / name / "a.png")
    (tmp_path / "n03" / "broken.png").write_bytes(b"no picture")
    light_and_dark = np.eye(2, 4, dtype=np.float32)
    for_light, for_dark = remember(tmp_path, {"n04"}, light_and_dark, Greys.mean, Greys(), nearest=2)
    assert [int(np.asarray(one.picture).mean()) for one in for_light] == [250, 120]
    assert [int(np.asarray(one.picture).mean()) for one in for_dark] == [5, 120]
    assert for_light[0].similarity == pytest.approx(250 / np.hypot(250, 5), abs=1e-3)


def test_a_folder_without_pictures_is_refused(tmp_path):
    with pytest.raises(UsageError, match="no pictures in"):
        remember(tmp_path, set(), np.eye(1, 4, dtype=np.float32), Greys.mean, Greys(), 3)
