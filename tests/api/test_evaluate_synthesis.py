"""`mindseye evaluate synthesis` with a painter in place of the methods and a judge that reads what it painted."""

import json
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from mindseye.api import cli_evaluate, cli_synthesis
from mindseye.api.cli_synthesis import table_lines
from mindseye.api.evaluation import imagined_table, peak_memory, recipes, synthesised, ways
from mindseye.api.evaluation.imagined_table import FOLDS, ImaginedTable, Table, Way
from mindseye.api.evaluation.kept_pictures import Kept, KeptPictures, Making
from mindseye.api.evaluation.synthesised import Data, evaluate_synthesis
from mindseye.engine.errors import UnreadableFileError, UsageError
from mindseye.engine.evaluation.concepts import evaluation_concepts
from mindseye.engine.synthesis import Imagined, Step
from mindseye.engine.vision.pictures import read_picture

NUMBERS = {concept.word: concept.class_index for concept in evaluation_concepts()}


@dataclass
class Painter:
    """A method that paints a concept's class as a colour, and what its space had seen as brightness of blue."""

    name: str = "ensemble_inversion"
    parameters: dict[str, Any] = field(default_factory=lambda: {"size": 48})
    asked: list[int] = field(default_factory=list)
    fails_after: int = 10**9

    def target(self, space, query):
        return {"lite0": np.array([query.number, query.number in space.classes])}

    def __call__(self, targets, memory, seeds, on_step=None):
        if len(self.asked) >= self.fails_after:
            raise KeyboardInterrupt
        on_step(Step(1, 1, lambda: np.zeros((len(targets), 48, 48, 3), np.uint8)))
        made = []
        for target, seed in zip(targets, seeds, strict=True):
            number, known = (int(value) for value in target["lite0"])
            self.asked.append(number)
            picture = np.tile(np.array([number // 10, number % 10, 255 * known], np.uint8), (48, 48, 1))
            made.append(Imagined(picture, {"lite0": 0.5}, 1, "noise", seed))
        return made


class Refit:
    """Spaces that know the classes they are fitted to, and count how often they are."""

    def __init__(self, *_: object) -> None:
        self.lexicon = SimpleNamespace(fingerprint="words", senses=lambda word: [])
        self.fitted = 0

    def __call__(self, classes):
        self.fitted += 1
        known = set(classes.tolist())
        queries = lambda wordings: [SimpleNamespace(number=NUMBERS[each.text]) for each in wordings]  # noqa: E731
        return SimpleNamespace(classes=known, word_queries=queries)


class Reader:
    """A judge that reads the class off a picture's colour."""

    name, fingerprint = "reader", "reader-1"

    def logits(self, pictures):
        logits = np.zeros((len(pictures), 1000), np.float32)
        read = pictures[:, 0, 0, 0].astype(int) * 10 + pictures[:, 0, 0, 1]
        logits[np.arange(len(pictures)), read] = 9
        return logits


def table(shown: int = 200) -> Table:
    return Table.of("ImageNet", evaluation_concepts(), shown)


def imagined(painter, folder, shown=200, seeds=1, refit=None):
    progress = []
    run = ImaginedTable(table(shown), [Way(painter)], seeds, refit or Refit(), None, KeptPictures(folder))
    return run.pictures(lambda done, total: progress.append((done, total)))[painter.name], progress


# Pictures


def test_every_concept_is_imagined_by_a_space_that_never_saw_its_class(tmp_path):
    refit = Refit()
    (first, second), progress = imagined(Painter(), tmp_path, seeds=2, refit=refit)
    numbers = [concept.class_index for concept in table().imagined]
    for run in (first, second):
        assert [int(k.picture[0, 0, 0]) * 10 + int(k.picture[0, 0, 1]) for k in run] == numbers
        assert not any(k.picture[0, 0, 2] for k in run)
    assert refit.fitted == FOLDS
    assert progress[-1] == (400, 400) and progress == sorted(progress)
    assert first[0].making.start == "noise" and first[0].making.peak_memory_mb > 0


def test_folds_hold_one_concept_of_each_category_and_few_concepts_need_few_folds(tmp_path):
    assert all(len({concept.category for concept in fold}) == len(fold) == 20 for fold in table().folds)
    refit = Refit()
    imagined(Painter(), tmp_path, shown=32, refit=refit)
    assert refit.fitted == 2


def test_a_run_that_was_stopped_makes_only_what_is_missing(tmp_path):
    stopped = Painter(fails_after=16)
    with pytest.raises(KeyboardInterrupt):
        imagined(stopped, tmp_path, shown=40)
    again = Painter()
    (run,), _ = imagined(again, tmp_path, shown=40)
    assert len(stopped.asked) == 16 and len(again.asked) == 24 and not set(stopped.asked) & set(again.asked)
    assert len(run) == 40
    third, refit = Painter(), Refit()
    imagined(third, tmp_path, shown=40, refit=refit)
    assert third.asked == [] and refit.fitted == 0


def test_another_method_parameter_seed_or_fold_is_another_picture(tmp_path):
    imagined(Painter(), tmp_path, shown=20)
    for changed, seeds in ((Painter(name="other"), 1), (Painter(parameters={"size": 64}), 1)):
        imagined(changed, tmp_path, shown=20, seeds=seeds)
        assert len(changed.asked) == 20
    second_seed = Painter()
    imagined(second_seed, tmp_path, shown=20, seeds=2)
    assert len(second_seed.asked) == 20


def kept_in(folder: Path) -> list[Path]:
    """The pictures told in a folder; a killed run may leave a temporary file, whose name is no key."""
    return list(folder.glob("[0-9a-f]*.json"))


@pytest.mark.slow
def test_a_killed_run_goes_on(tmp_path):
    code = f"""
import time
from pathlib import Path
from tests.api.test_evaluate_synthesis import Painter, imagined
class Slow(Painter):
    def __call__(self, *asked, **named):
        time.sleep(0.4)
        return super().__call__(*asked, **named)
Slow.__module__ = Painter.__module__
imagined(Slow(), Path({str(tmp_path)!r}))
"""
    process = subprocess.Popen([sys.executable, "-c", code], cwd=Path.cwd())
    deadline = time.monotonic() + 60
    while len(kept_in(tmp_path)) < 8 and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    kept = len(kept_in(tmp_path))
    painter = Painter()
    (run,), _ = imagined(painter, tmp_path)
    assert 8 <= kept < 200 and len(painter.asked) == 200 - kept
    assert [k.key for k in run] == [k.key for k in imagined(Painter(), tmp_path)[0][0]]


def test_a_kept_picture_is_marked_and_a_damaged_one_is_none(tmp_path):
    store, picture = KeptPictures(tmp_path), np.arange(48 * 48 * 3, dtype=np.uint32).reshape(48, 48, 3).astype(np.uint8)
    kept = Kept("key", picture, Making({"lite0": 0.25}, None, 1.5, None))
    store.put(kept)
    found = store.get("key")
    assert np.array_equal(found.picture, picture) and found.making == kept.making
    assert read_picture((tmp_path / "key.png").read_bytes(), "key").synthetic["provenance"] == "key"
    (tmp_path / "key.png").write_bytes((tmp_path / "key.png").read_bytes()[:40])
    assert store.get("key") is None and store.get("other") is None


def test_the_peak_is_told_in_megabytes_where_the_system_tells_it(tmp_path, monkeypatch):
    monkeypatch.setattr(peak_memory, "_PROCESS", tmp_path)
    assert peak_memory.peak_memory_mb() is None
    (tmp_path / "status").write_text("VmPeak:\t 9000000 kB\nVmHWM:\t  976562 kB\n")
    assert peak_memory.peak_memory_mb() == 1000.0


def test_the_code_s_fingerprint_leaves_out_what_does_not_run(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    bodies = {"one_a": '"""Doc."""\nX = 1  # why', "one_b": "X = (\n  1\n)", "one_c": "X = 2"}
    for name, body in bodies.items():
        (tmp_path / f"{name}.py").write_text(body)
        __import__(name)
    a, b, c = (recipes.code_of(name) for name in bodies)
    assert a == b != c


# The whole


@pytest.fixture
def faked(monkeypatch):
    painter = Painter()
    monkeypatch.setattr(synthesised, "Refitter", Refit)
    monkeypatch.setattr(synthesised, "load_judge", lambda name: Reader())
    monkeypatch.setattr(ways, "load_method", lambda name, **named: painter)
    return painter


def test_the_figures_of_a_whole_run(faked, tmp_path):
    sheet = tmp_path / "sheet.png"
    told = evaluate_synthesis(Data(), tmp_path / "cache", judges=["reader"], concepts=20, seeds=2, sheet=sheet)
    assert (told["concepts"], told["seeds"], told["judges"], told["folds"]) == (20, 2, ["reader"], FOLDS)
    method = told["ensemble_inversion"]
    assert method["similarity"] == {"lite0": 0.5} and method["starts"] == {"noise": 40}
    assert method["reader"]["sixteen_way"] == method["reader"]["category_of_choice_lowpass"] == 1
    assert method["reader"]["standard_deviation"]["sixteen_way"] == 0
    assert method["frechet_distance"] is None and "mcrae" not in method
    answers = json.loads(sheet.with_suffix(".json").read_text())
    assert [each["number"] for each in answers] == list(range(1, 21))
    assert {each["word"] for each in answers} == {concept.word for concept in table(20).imagined}
    with Image.open(sheet) as page:
        assert page.width > 8 * 160 and page.text["mindseye:synthetic"] == "true"
    json.dumps(told, allow_nan=False)


def test_the_command_prints_a_table_for_people_and_json_for_machines(faked, tmp_path, monkeypatch):
    monkeypatch.setenv("MINDSEYE_CACHE", str(tmp_path))
    monkeypatch.setenv("MINDSEYE_DATA", str(tmp_path / "absent"))
    asked = ["synthesis", "--concepts", "16"]
    told = CliRunner().invoke(cli_evaluate.app, [*asked, "--json"], catch_exceptions=False)
    assert json.loads(told.stdout)["ensemble_inversion"]["reader"]["two_way_random"] == 1
    lines = CliRunner().invoke(cli_evaluate.app, asked, catch_exceptions=False).stdout.splitlines()
    assert lines[0].split() == ["ImageNet", "(16),", "reader", "random", "category", "16-way", "choice", "macro"]
    assert lines[1].split()[:4] == ["ensemble_inversion", "100.0", "100.0", "100.0"]
    assert lines[2].split()[0] == "low-pass" and max(map(len, lines)) <= 100


def test_a_judge_is_asked_by_itself_only_where_it_can_be_run(tmp_path, monkeypatch):
    file = tmp_path / "judge_mobilenet_v2.tflite"
    monkeypatch.setattr(cli_synthesis, "find_spec", lambda name: name == "ai_edge_litert")
    assert cli_synthesis._judges(tmp_path) == ["lite2"]
    file.touch()
    assert cli_synthesis._judges(tmp_path) == ["lite2", str(file)]
    monkeypatch.setattr(cli_synthesis, "find_spec", lambda name: None)
    assert cli_synthesis._judges(tmp_path) == ["lite2"]


def test_tables_of_norms_stand_beside():
    judged = {"j": {"two_way_random": 0.5}}
    method = {**judged, "mcrae": {"concepts": 117, **judged}, "similarity": {"lite0": 0.5}, "peak_memory_mb": None}
    method |= {"seconds_per_picture": 1.0, "frechet_distance": {"imagined": 3.0, "real": 1.0}}
    lines = list(table_lines({"concepts": 200, "seeds": 1, "judges": ["j"], "m": method}))
    assert [line.split(",")[0] for line in lines if ", j" in line] == ["ImageNet (200)", "McRae (117)"]
    assert lines[-2].split() == ["m", "1.00", "0.50", "3.00", "1.00"]


def test_two_judges_of_one_name_are_refused(faked, tmp_path):
    with pytest.raises(UsageError, match="two judges have one name"):
        evaluate_synthesis(Data(), tmp_path, judges=["reader", "reader"])


def test_ways_that_need_real_pictures_say_so(tmp_path):
    for name in ("recollection", "paired_dictionary", "decoder"):
        with pytest.raises(UsageError, match=f"{name} is made of real pictures; give some with --memory"):
            ways.load_ways([name], tmp_path, None, None)
    with pytest.raises(UsageError, match="no way of imagining is called 'dreaming'"):
        ways.load_ways(["dreaming"], tmp_path, None, None)
    assert [way.method.name for way in ways.load_ways([], tmp_path, None, None)] == ["ensemble_inversion"]
    every = [way.method.name for way in ways.load_ways(["all"], tmp_path, None, None)]
    assert "ensemble_inversion" in every and "recollection" not in every


@pytest.fixture
def three_pictures(tmp_path):
    paths = [tmp_path / f"{place}.png" for place in range(3)]
    for place, path in enumerate(paths):
        picture = Image.new("RGB", (192, 64), (200, 0, 0))
        picture.paste((place, 0, 0), (0, 0, 64, 64))  # its left third, which no middle shows
        picture.save(path)
    return paths


def test_a_trained_way_learns_once_from_the_memory_without_the_concepts(three_pictures, tmp_path, monkeypatch):
    learned = []

    def fit(pictures, features, path, *, seed, progress):
        learned.append((pictures.shape, pictures[:, 0, 0, 0].tolist(), features.tolist()))
        path.write_bytes(b"learned")

    training = ways._Training("decoder.safetensors", fit)
    monkeypatch.setitem(ways._TRAININGS, "decoder", training)
    monkeypatch.setattr(ways, "load_method", lambda name, trained, pipeline=None: Painter(name=trained.name))
    memory = ways.KnownMemory(ways_memory(three_pictures), "three").without({"n1"})
    for _ in range(2):
        (way,) = ways.load_ways(["decoder"], tmp_path, memory, None)
    assert learned == [((2, 64, 64, 3), [0, 2], [[0.0], [2.0]])]
    assert way.trained is not None and way.method.name.startswith("trained-")


@pytest.mark.parametrize(
    ("fit", "behind"),
    [("decoder_fit", ["critic", "training_targets", "decoder"]), ("dictionary_fit", ["dictionary"])],
)
def test_what_is_trained_is_kept_by_all_the_code_that_trains_and_reads_it(
    three_pictures, tmp_path, monkeypatch, fit, behind
):
    def learn(pictures, features, path, **_):
        path.write_bytes(b"learned")

    learn.__module__ = f"mindseye.engine.synthesis.{fit}"
    training, memory = ways._Training("learned", learn), ways.KnownMemory(ways_memory(three_pictures), "three")
    files, code_of = {training(tmp_path, memory)}, recipes.code_of
    for name in [fit, *behind]:
        changed = f"mindseye.engine.synthesis.{name}"
        monkeypatch.setattr(recipes, "code_of", lambda name, changed=changed: name == changed or code_of(name))
        files.add(training(tmp_path, memory))
    assert len(files) == 1 + len([fit, *behind])


def test_a_picture_that_cannot_be_trained_on_is_named(three_pictures, tmp_path):
    three_pictures[1].write_bytes(b"no picture any more")
    with pytest.raises(UnreadableFileError, match=r"1\.png"):
        ways.load_ways(["decoder"], tmp_path, ways.KnownMemory(ways_memory(three_pictures), "three"), None)


def ways_memory(paths):
    from mindseye.engine.evaluation.remembered import Memory

    return Memory(paths, ["n0", "n1", "n2"], np.arange(3, dtype=np.float32)[:, None])


def test_batches_hold_sixteen_pictures(tmp_path, monkeypatch):
    monkeypatch.setattr(imagined_table, "_BATCH", 6)
    sizes = []

    class Counting(Painter):
        def __call__(self, targets, *asked, **named):
            sizes.append(len(targets))
            return super().__call__(targets, *asked, **named)

    imagined(Counting(), tmp_path, shown=20)
    assert sizes == [6, 6, 6, 2]
