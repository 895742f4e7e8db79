"""Inversion with the real networks: small pictures and few steps, but the right one of two targets wins."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from mindseye.engine.errors import UsageError, VectorError
from mindseye.engine.synthesis import EnsembleInversion, InversionSettings, Recalled, objective
from mindseye.engine.synthesis.objective import similarities
from mindseye.engine.synthesis.target import stack_targets
from mindseye.engine.vision.backbone import load_backbone, read_head

QUICK = InversionSettings(size=64, steps=40, start="noise")


def imagine(targets, memory, settings, seeds, on_step=None):
    return EnsembleInversion(settings)(targets, memory, seeds, on_step)


GOLDFISH, ZEBRA, VOLCANO = 1, 340, 980


def target_of(number: int) -> dict[str, np.ndarray]:
    """The classifier's own prototype of an ImageNet class, for both networks."""
    vectors = {}
    for name in ("lite0", "lite1"):
        weights = read_head(name).weights
        vectors[name] = weights[number] - weights.mean(axis=0)
    return vectors


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def flat(colour: tuple[int, int, int], similarity: float) -> Recalled:
    return Recalled(Image.new("RGB", (40, 30), colour), similarity)


@pytest.fixture(scope="module")
def three():
    """Three pictures imagined in one batch."""
    targets = [target_of(number) for number in (GOLDFISH, ZEBRA, VOLCANO)]
    return imagine(targets, [[]] * 3, QUICK, seeds=[1, 2, 3])


def test_each_picture_is_far_nearer_to_its_own_target_than_noise_is(three):
    (noise,) = imagine([target_of(ZEBRA)], [[]], replace(QUICK, steps=1), seeds=[2])
    for picture in three:
        assert picture.picture.shape == (64, 64, 3) and picture.picture.dtype == np.uint8
        for network in ("lite0", "lite1"):
            assert picture.similarity[network] > noise.similarity[network] + 0.1


def test_each_picture_is_nearest_to_its_own_target(three):
    from torch import from_numpy, inference_mode

    lite0 = load_backbone("lite0")
    pixels = from_numpy(np.stack([one.picture for one in three])).permute(0, 3, 1, 2) / 255
    with inference_mode():
        centred = lite0.features(pixels).numpy() - lite0.head.feature_mean
    targets = [target_of(number)["lite0"] for number in (GOLDFISH, ZEBRA, VOLCANO)]
    found = [int(np.argmax([cosine(row, target) for target in targets])) for row in centred]
    assert found == [0, 1, 2]
    # What is reported is what is reached, but for the rounding to bytes and to bfloat16.
    reported = [one.similarity["lite0"] for one in three]
    reached = [cosine(row, target) for row, target in zip(centred, targets, strict=True)]
    assert reported == pytest.approx(reached, abs=0.03)


def test_a_picture_depends_on_its_seed_and_not_on_its_batch(three):
    (alone,) = imagine([target_of(ZEBRA)], [[]], QUICK, seeds=[2])
    (other,) = imagine([target_of(ZEBRA)], [[]], QUICK, seeds=[4])
    # A processor may add in another order for another batch, and each step adds to that: alike, not equal.
    difference = np.abs(alone.picture.astype(int) - three[1].picture).mean()
    assert difference < np.abs(alone.picture.astype(int) - other.picture).mean() / 2
    assert alone.similarity == pytest.approx(three[1].similarity, abs=0.1)
    assert (alone.seed, alone.start, alone.steps) == (2, "noise", 40)


def test_the_same_seed_gives_the_same_picture():
    first, again = (imagine([target_of(ZEBRA)], [[]], replace(QUICK, steps=5), [7])[0] for _ in range(2))
    np.testing.assert_array_equal(first.picture, again.picture)


def test_pictures_beyond_one_batch_keep_their_places():
    targets = [target_of(number) for number in [ZEBRA] * 16 + [GOLDFISH]]
    settings = InversionSettings(size=32, steps=2, start="noise")
    pictures = imagine(targets, [[]] * 17, settings, list(range(17)))
    assert [one.seed for one in pictures] == list(range(17))
    (last,) = imagine([target_of(GOLDFISH)], [[]], settings, [16])
    assert np.abs(last.picture.astype(int) - pictures[16].picture).mean() < 2.0


def test_no_targets_give_no_pictures():
    assert imagine([], [], QUICK, []) == []


def test_a_recollection_is_where_the_picture_starts():
    memory = [flat((200, 30, 30), 0.9), flat((30, 30, 200), 0.2)]
    settings = InversionSettings(size=32, steps=1, start="recollection", nearest=1)
    (red,) = imagine([target_of(GOLDFISH)], [memory], settings, [0])
    assert (red.start, red.recalled) == ("recollection", (0,))
    np.testing.assert_allclose(red.picture.mean(axis=(0, 1)), (200, 30, 30), atol=12)


def test_auto_starts_from_what_memory_knows_and_from_noise_otherwise():
    settings = InversionSettings(size=32, steps=1)
    near, far = settings.limit + 0.05, settings.limit - 0.05
    known = [flat((10, 20, 30), far), *[flat((200, 30, 30), near)] * settings.nearest]
    few = [flat((200, 30, 30), near)] * (settings.fewest - 1) + [flat((10, 20, 30), far)] * 20
    knows, strange, empty = imagine([target_of(ZEBRA)] * 3, [known, few, []], settings, [0, 1, 2])
    assert knows.start != "noise" and knows.recalled == tuple(range(1, settings.nearest + 1))
    assert [(one.start, one.recalled) for one in (strange, empty)] == [("noise", ()), ("noise", ())]


def test_too_few_near_pictures_are_no_memory():
    settings = InversionSettings(size=32, steps=1)
    near = flat((200, 30, 30), settings.limit + 0.05)
    memories = [[near] * (settings.fewest - 1), [near] * settings.fewest]
    ghost, mean = imagine([target_of(ZEBRA)] * 2, memories, settings, [0, 1])
    assert (ghost.start, mean.start) == ("noise", "recollection")


def test_without_memory_a_recollection_is_reported_as_noise():
    (picture,) = imagine([target_of(ZEBRA)], [[]], InversionSettings(size=32, steps=1, start="blend"), [0])
    assert (picture.start, picture.recalled) == ("noise", ())


def test_a_picture_that_gains_no_more_stops():
    settings = InversionSettings(size=32, steps=40, start="noise", learning_rate=0.0, patience=6)
    (picture,) = imagine([target_of(ZEBRA)], [[]], settings, [0])
    assert 12 <= picture.steps < 40


def test_progress_counts_every_step():
    seen = []
    settings = InversionSettings(size=32, steps=3, start="noise")
    imagine([target_of(ZEBRA)] * 17, [[]] * 17, settings, range(17), on_step=seen.append)
    assert [(step.done, step.total) for step in seen] == [(step, 9) for step in range(1, 10)]
    assert seen[0].look().shape == (8, 32, 32, 3) and seen[-1].look().shape == (1, 32, 32, 3)


def test_cancelling_stops_at_once():
    steps = []

    def cancel(step):
        steps.append(step.done)
        if step.done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        imagine([target_of(ZEBRA)], [[]], QUICK, [0], on_step=cancel)
    assert steps == [1, 2]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (np.zeros(1280), "target 1 for lite0 is zero"),
        (np.full(1280, np.nan), "not finite"),
        (np.ones(384), r"target 1 for lite0 has shape \(384,\), not \(1280,\)"),
    ],
    ids=["zero", "nan", "narrow"],
)
def test_a_bad_target_is_refused_before_the_first_step(bad, message):
    good = target_of(ZEBRA)
    steps = []
    with pytest.raises(VectorError, match=message):
        imagine([good, {**good, "lite0": bad}], [[], []], QUICK, [0, 1], lambda *at: steps.append(at))
    assert steps == []


def test_targets_for_other_networks_are_refused():
    good = target_of(ZEBRA)
    with pytest.raises(VectorError, match=r"target 1 is for the networks \['lite0'\]"):
        imagine([good, {"lite0": good["lite0"]}], [[], []], QUICK, [0, 1])


@pytest.mark.parametrize("size", [31, 513])
def test_a_size_out_of_range_is_refused(size):
    with pytest.raises(UsageError, match=f"cannot be {size} pixels wide; ask for 32 to 512"):
        InversionSettings(size=size)


def test_other_settings_out_of_range_are_refused():
    with pytest.raises(UsageError, match="at least one step"):
        InversionSettings(steps=0)
    with pytest.raises(UsageError, match="cannot grow by -1 steps"):
        InversionSettings(growing_steps=-1)
    for softness in (0, -0.1, 0.5, float("nan")):
        with pytest.raises(UsageError, match=f"cannot be blurred by {softness} of its side; .* at most 0.3"):
            InversionSettings(softness=softness)
    with pytest.raises(UsageError, match="no start is called 'dream'"):
        InversionSettings(start="dream")  # type: ignore[arg-type]


def test_the_softest_picture_is_one_colour_with_its_neighbours():
    settings = InversionSettings(size=32, steps=1, growing_steps=0, softness=0.3)
    (softest,) = imagine([target_of(ZEBRA)], [[]], settings, [0])
    assert softest.picture.std(axis=(0, 1)).max() < 2


def test_seeds_and_memories_must_match_the_targets():
    with pytest.raises(UsageError, match="1 targets, 1 memories and 2 seeds do not match"):
        imagine([target_of(ZEBRA)], [[]], QUICK, [0, 1])


def test_a_large_picture_is_begun_small_and_grows():
    assert InversionSettings(size=160).stages == ((160, 240),)
    assert InversionSettings(size=512).stages == ((160, 240), (256, 80), (512, 80))
    assert InversionSettings(size=200).stages == ((160, 240), (200, 80))
    seen = []
    settings = InversionSettings(size=200, steps=2, growing_steps=1, start="noise")
    (picture,) = imagine([target_of(ZEBRA)], [[]], settings, [0], on_step=seen.append)
    assert picture.picture.shape == (200, 200, 3) and picture.steps == 3
    assert [(step.done, step.total) for step in seen] == [(1, 3), (2, 3), (3, 3)]


def test_naturalness_brings_activations_nearer_to_those_of_photographs():
    from torch import from_numpy, inference_mode

    from mindseye.engine.synthesis.naturalness import Naturalness

    lite0 = load_backbone("lite0")
    watch = Naturalness(lite0)

    def distance(weight):
        (made,) = imagine([target_of(ZEBRA)], [[]], replace(QUICK, naturalness=weight), [2])
        with inference_mode():
            lite0.features(from_numpy(made.picture[None]).permute(0, 3, 1, 2) / 255)
        return float(watch.distance()[0])

    assert distance(20.0) < 0.9 * distance(0.0)


def test_comparing_builds_a_network_once_and_imagining_builds_its_own(monkeypatch):
    grey, target = np.full((1, 64, 64, 3), 128, np.uint8), target_of(ZEBRA)
    first = similarities(grey, [target])
    built = []
    monkeypatch.setattr(objective, "load_backbone", lambda name: built.append(name) or load_backbone(name))
    watching = [objective.Likeness(stack_targets([target]), torch.device("cpu")) for _ in range(2)]
    assert built == ["lite0", "lite1"] * 2
    assert similarities(grey, [target]) == first and len(built) == 4
    watched = watching[0](torch.from_numpy(grey).permute(0, 3, 1, 2) / 255, "lite0")
    assert watched.unnatural.shape == (1,)  # it watched no pass but its own
