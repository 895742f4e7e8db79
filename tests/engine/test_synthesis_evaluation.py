import numpy as np
import pytest
from PIL import Image

from mindseye.engine.errors import UsageError
from mindseye.engine.evaluation.concepts import Concept
from mindseye.engine.evaluation.remembered import Memory, class_pictures, encoded
from mindseye.engine.evaluation.synthesis import figures, lowpass
from mindseye.engine.vectors import unit

TABLE = [Concept(f"word{number}", number, "ab"[number % 2]) for number in range(16)]
TASKS = {"two_way_random", "two_way_same_category", "sixteen_way", "category_of_choice", "macro_category"}


def test_a_low_pass_keeps_blocks_and_removes_grain():
    blocks = np.kron(np.eye(4, dtype=np.uint8) * 200, np.ones((20, 20), np.uint8))
    picture = np.repeat(blocks[..., None], 3, axis=2)
    kept = lowpass(picture[None])[0].astype(int)
    assert np.abs(kept - picture)[5:15, 5:15].max() == 0
    grain = np.full((80, 80, 3), 100, dtype=np.uint8)
    grain[::2, 1::2] += 40
    grain[1::2, ::2] += 40
    assert lowpass(grain[None])[0].std() < 1


def seen(right: list[int]) -> np.ndarray:
    """Logits of a judge that sees the concepts of the first `right` pictures, and nothing in the others."""
    logits = np.zeros((16, 1000), np.float32)
    logits[right, right] = 9
    return logits


def test_figures_are_given_at_full_size_and_after_the_low_pass():
    told = figures([seen(list(range(16)))], [seen([])], TABLE, TABLE)
    assert {name for name, value in told.items() if value == 1} == TASKS
    assert told["macro_category_lowpass"] == 0  # all are animals, of which there are fewer classes than of things
    assert told["two_way_random_lowpass"] == pytest.approx(1 / 2)
    assert told["sixteen_way_lowpass"] == pytest.approx(1 / 16)
    assert told["interval"]["sixteen_way"] == [1, 1]
    assert told["items_above_chance"]["sixteen_way"] == 1 and told["items_above_chance"]["sixteen_way_lowpass"] == 0
    tested = TASKS - {"category_of_choice", "macro_category"}
    assert set(told["items_above_chance"]) == tested | {f"{task}_lowpass" for task in tested}
    assert "standard_deviation" not in told


def test_several_seeds_have_a_mean_and_a_spread():
    half, all_ = seen(list(range(8))), seen(list(range(16)))
    told = figures([half, all_], [all_, all_], TABLE, TABLE)
    first = figures([half], [all_], TABLE, TABLE)["sixteen_way"]
    assert told["sixteen_way"] == pytest.approx((first + 1) / 2)
    assert told["standard_deviation"]["sixteen_way"] == pytest.approx((1 - first) / 2**0.5)
    assert told["standard_deviation"]["sixteen_way_lowpass"] == 0


def test_a_part_of_the_table_is_judged_against_all_of_it():
    told = figures([seen([0, 1])[:2]], [seen([])[:2]], TABLE[:2], TABLE)
    assert told["sixteen_way"] == told["two_way_same_category"] == 1


def test_a_task_that_no_concept_takes_part_in_has_no_figure():
    nameless = [concept._replace(category=None) for concept in TABLE]
    told = figures([seen([0])], [seen([0])], nameless, [*nameless, TABLE[0]])
    assert "two_way_same_category" not in told and "two_way_random" in told


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


@pytest.fixture
def greys(tmp_path):
    for name, grey in (("n01_light", 250), ("n02_grey", 120), ("n03", 5), ("n04_own", 255)):
        (tmp_path / name).mkdir()
        Image.new("RGB", (8, 8), (grey,) * 3).save(tmp_path / name / "a.png")
    (tmp_path / "n03" / "0 broken.png").write_bytes(b"no picture")
    (tmp_path / "empty").mkdir()
    return tmp_path


def test_memory_recalls_the_nearest_pictures_of_other_classes(greys):
    classes = class_pictures(greys)
    assert list(classes) == ["n01", "n02", "n03", "n04"]
    paths = [path for files in classes.values() for path in files]
    places, features = encoded(paths, Greys())
    assert [paths[place].name for place in places] == ["a.png"] * 4  # the broken one is passed over
    memory = Memory([paths[place] for place in places], ["n01", "n02", "n03", "n04"], features).without({"n04"})
    for_light, for_dark = memory.recall(np.eye(2, 4, dtype=np.float32), Greys.mean, nearest=2)
    assert [int(np.asarray(one.picture).mean()) for one in for_light] == [250, 120]
    assert [int(np.asarray(one.picture).mean()) for one in for_dark] == [5, 120]
    assert for_light[0].similarity == pytest.approx(float(unit(np.array([[250, 5.0]]))[0, 0]), abs=1e-3)


def test_a_memory_of_nothing_is_refused(tmp_path, greys):
    with pytest.raises(UsageError, match="no pictures in"):
        class_pictures(greys / "empty")
    with pytest.raises(UsageError, match="is no folder"):
        class_pictures(tmp_path / "absent")
    with pytest.raises(UsageError, match="of the concepts' own classes only"):
        Memory([greys], ["n01"], np.zeros((1, 4), np.float32)).without(["n01"])
