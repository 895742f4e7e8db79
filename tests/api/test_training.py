"""`space fit --decoder` and `--dictionary`: learned from the library's own pictures, then imagined with."""

import json

import numpy as np
import pytest
from PIL import Image

from mindseye.engine.synthesis import feature_target, load_method
from mindseye.engine.synthesis.dictionary import load_dictionary

DONE, USAGE, PARTLY = 0, 2, 3


@pytest.fixture(scope="module")
def photos(tmp_path_factory, demo_manifest):
    """A hundred and one crops of the demo's photographs."""
    folder, rng = tmp_path_factory.mktemp("photos"), np.random.default_rng(0)
    originals = [Image.open(picture.path).convert("RGB").resize((160, 160)) for picture in demo_manifest.pictures]
    for number in range(101):
        left, top = rng.integers(0, 60, 2)
        crop = originals[number % len(originals)].crop((left, top, left + 100, top + 100))
        crop.save(folder / f"{number:03}.png")
    return folder


@pytest.mark.slow
def test_a_dictionary_and_a_decoder_are_learned_from_the_library_and_imagine(run, photos, pocket, tmp_path):
    assert run("index", photos)[0] == DONE
    changed = photos / "000.png"
    Image.new("RGB", (50, 50)).save(changed)
    code, out, err = run("space", "fit", "--dictionary", "--json")
    told = json.loads(out)
    assert code == PARTLY and "000.png has changed since it was indexed" in err
    assert (told["method"], told["pictures"], len(told["skipped"])) == ("dictionary", 100, 1)

    code, out, _ = run("space", "fit", "--decoder", "--minutes", "0.05")
    methods = tmp_path / "library" / "methods"
    assert code == PARTLY and str(methods / "decoder.safetensors") in out and "of 100 pictures" in out
    assert {path.name for path in methods.iterdir()} == {"decoder.safetensors", "dictionary.safetensors"}
    target = feature_target(pocket, pocket.word_queries([pocket.wording("cat")])[0])
    for name in ("decoder", "paired_dictionary"):
        (made,) = load_method(name, size=64, trained=methods)([target], [[]], [0])
        assert made.picture.shape == (64, 64, 3) and made.picture.std() > 1


def test_a_library_without_enough_pictures_says_how_many_are_needed(run, photos):
    code, _, err = run("space", "fit", "--decoder")
    assert code == USAGE and "no library" in err
    assert run("index", photos / "001.png", photos / "002.png")[0] == DONE
    code, _, err = run("space", "fit", "--decoder")
    assert code == USAGE and "2 pictures cannot train a decoder; index at least 100" in err
    code, _, err = run("space", "fit", "--dictionary")
    assert code == USAGE and "2 pictures make no dictionary; index at least 16" in err
    run("remove", "001.png", "002.png")
    code, _, err = run("space", "fit", "--decoder")
    assert code == USAGE and "0 pictures cannot train a decoder" in err


def test_atoms_are_drawn_unless_they_are_to_be_learned(run, photos, tmp_path):
    run("index", *sorted(photos.iterdir())[1:21])
    for options, atoms in ([], "pairs"), (["--atoms", "learned"], "learned"):
        assert run("space", "fit", "--dictionary", *options)[0] == DONE
        method = load_dictionary(tmp_path / "library" / "methods" / "dictionary.safetensors")
        assert (method.told["atoms"], method.told["pictures"]) == (atoms, 20)


@pytest.mark.parametrize("options", [[], ["--decoder"], ["--vectors", "glove"]])
def test_atoms_are_of_a_dictionary(run, options):
    code, _, err = run("space", "fit", "--atoms", "learned", *options)
    assert code == USAGE and "--atoms are of --dictionary" in err


@pytest.mark.parametrize("options", [[], ["--dictionary"], ["--pairs", "folder"]])
def test_minutes_are_of_a_decoder(run, options):
    code, _, err = run("space", "fit", "--minutes", "5", *options)
    assert code == USAGE and "--minutes is of --decoder" in err


@pytest.mark.parametrize(
    "options", [["--dictionary"], ["--pairs", "folder"], ["--vectors", "glove"], ["--name", "mine"]]
)
def test_a_decoder_is_fitted_alone(run, options):
    code, _, err = run("space", "fit", "--decoder", *options)
    assert code == USAGE and "fitted alone" in err
