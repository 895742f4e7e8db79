"""Real pictures as memory and as a measure, and McRae's table: eight pictures, an encoder and a network of colours."""

import numpy as np
import pytest
from PIL import Image

from mindseye.api.evaluation import judging, synthesised
from mindseye.api.evaluation.arrays import Arrays
from mindseye.api.evaluation.imagined_table import Table
from mindseye.api.evaluation.judging import Panel, Reality
from mindseye.api.evaluation.kept_pictures import Kept, Making
from mindseye.api.evaluation.remembering import known_memory, real_features
from mindseye.engine.errors import UsageError
from mindseye.engine.evaluation.concepts import evaluation_concepts
from mindseye.engine.vision.backbone import FEATURE_WIDTH
from tests.api.test_evaluate_synthesis import Reader

COLOURS = np.random.default_rng(0).integers(0, 256, (8, 3)).astype(np.uint8)
MAKING = Making({"lite0": 0.5}, None, 1.0, None)


class Encoder:
    """The colour in a picture's middle; counts the pictures shown."""

    fingerprint, width, shown = "middles", 3, 0

    def encode(self, pictures):
        self.shown += len(pictures)
        return np.array([each.getpixel((each.width // 2, each.height // 2)) for each in pictures], np.float32)


class Network:
    """The colour within a picture's left edge, 0 to 1, as the first features of many; counts the pictures shown."""

    name, fingerprint, shown = "lite2", "edges", 0

    def features(self, pictures):
        self.shown += len(pictures)
        side = pictures.shape[1]
        colours = pictures[:, side // 2, side // 8].astype(np.float32) / 255
        return np.pad(colours, ((0, 0), (0, FEATURE_WIDTH - 3)))


@pytest.fixture
def folder(tmp_path):
    """Four pictures each of two classes, every one of its own colour between margins of white, and a broken file."""
    home = tmp_path / "real"
    for place, colour in enumerate(COLOURS):
        path = home / ("n01_one", "n02_two")[place // 4] / f"{place}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        picture = Image.new("RGB", (60, 20), "white")
        picture.paste(tuple(colour.tolist()), (20, 0, 40, 20))
        picture.save(path)
    (home / "n01_one" / "1_broken.png").write_bytes(b"no picture")
    return home


@pytest.fixture
def arrays(tmp_path):
    return Arrays(tmp_path / "arrays")


def kept(colours, name) -> list[Kept]:
    return [Kept(f"{name} {n}", np.tile(colour, (48, 48, 1)), MAKING) for n, colour in enumerate(colours)]


def colours_of(features) -> np.ndarray:
    return (features[:, :3] * 255).round().astype(np.uint8)


# Memory


def test_memory_passes_over_a_broken_file_and_no_feature_takes_its_place(folder, arrays):
    memory = known_memory(folder, Encoder(), arrays).memory
    assert [path.name for path in memory.paths] == [f"{place}.png" for place in range(8)]
    assert memory.wnids == ["n01"] * 4 + ["n02"] * 4
    assert np.array_equal(memory.features, COLOURS)
    (found,) = memory.recall(np.array([[0, 0, 1]], np.float32), np.zeros(3, np.float32), 1)
    blue = int(np.argmax(COLOURS[:, 2] / np.linalg.norm(COLOURS, axis=1)))
    assert found[0].picture.getpixel((30, 10)) == tuple(COLOURS[blue].tolist())


def test_memory_is_encoded_once_and_again_where_a_class_has_changed(folder, arrays):
    encoder = Encoder()
    first, same = (known_memory(folder, encoder, arrays) for _ in range(2))
    assert encoder.shown == 8 and first.fingerprint == same.fingerprint
    Image.new("RGB", (20, 20), (9, 9, 9)).save(folder / "n02_two" / "5.png")
    changed = known_memory(folder, encoder, arrays)
    assert encoder.shown == 12 and changed.fingerprint != first.fingerprint
    assert changed.memory.features[5].tolist() == [9, 9, 9]
    assert changed.without({"n02"}).memory.features.tolist() == COLOURS[:4].tolist()
    assert changed.without({"n02"}).fingerprint != changed.fingerprint


# Real pictures


def test_real_pictures_are_seen_by_their_middle_and_once(folder, arrays):
    network = Network()
    features, same = (real_features(folder, network, arrays) for _ in range(2))
    assert network.shown == 8 and np.array_equal(features, same)
    assert sorted(colours_of(features).tolist()) == sorted(COLOURS.tolist())
    assert not np.array_equal(colours_of(features), COLOURS), "drawn, not class after class"


def test_three_real_pictures_are_too_few(folder, arrays):
    for place in range(3, 8):
        next(folder.rglob(f"{place}.png")).unlink()
    with pytest.raises(UsageError, match=r"3 pictures in .* are too few"):
        real_features(folder, Network(), arrays)


def test_pictures_are_as_far_from_real_ones_as_they_are(folder, arrays, monkeypatch):
    network = Network()
    monkeypatch.setattr(judging, "load_backbone", lambda name: name)
    monkeypatch.setattr(judging, "BackboneJudge", lambda backbone: network)
    reality = Reality(folder, arrays)
    reference, others = (colours_of(half) for half in np.array_split(real_features(folder, network, arrays), 2))
    itself, floor, shifted = (
        reality.distance(kept(colours, name))
        for name, colours in {"itself": reference, "others": others, "dark": others // 8}.items()
    )
    assert itself["imagined"] == pytest.approx(0, abs=1e-4) and itself["real"] > 0.01
    assert floor["imagined"] == pytest.approx(floor["real"], abs=1e-5) and floor["real"] == itself["real"]
    assert shifted["imagined"] > floor["imagined"]
    shown = network.shown
    assert reality.distance(kept(reference, "itself")) == itself and network.shown == shown
    every = reality.distance(kept(COLOURS, "all"))
    assert (every["pictures"], every["reference_pictures"]) == (4, 4), "no more than there are others"


# McRae's table


def painted(concept, right: bool) -> Kept:
    number = concept.class_index if right else (concept.class_index + 500) % 1000
    picture = np.tile(np.array([number // 10, number % 10, 0], np.uint8), (48, 48, 1))
    return Kept(f"{concept.word} {right}", picture, MAKING)


@pytest.fixture
def sample(monkeypatch):
    """Forty-five concepts of the table, in an order of their own."""
    found = evaluation_concepts()[7::4][:45][::-1]
    monkeypatch.setattr(synthesised, "norm_sample", lambda norms: found)
    return found


def test_the_first_45_are_told_by_themselves_when_all_are_imagined(sample, arrays, tmp_path):
    table, panel = Table.of("McRae", evaluation_concepts(), None), Panel([Reader()], arrays)
    runs = [[painted(concept, concept in sample) for concept in table.imagined]]
    told = synthesised._by_norms(panel, tmp_path, [table], [runs])
    assert (told["mcrae"]["concepts"], told["mcrae_45"]["concepts"]) == (200, 45)
    assert told["mcrae_45"]["reader"]["sixteen_way"] == 1 > told["mcrae"]["reader"]["sixteen_way"]


def test_the_first_45_are_not_told_of_when_some_are_missing(sample, arrays, tmp_path):
    panel, some = Panel([Reader()], arrays), Table.of("McRae", evaluation_concepts(), 199)
    sample.append(some.concepts[-1])
    runs = [[painted(concept, True) for concept in some.imagined]]
    told = synthesised._by_norms(panel, tmp_path, [some], [runs])
    assert list(told) == ["mcrae"] and told["mcrae"]["reader"]["sixteen_way"] == 1
    assert synthesised._by_norms(panel, None, [], []) == {}
