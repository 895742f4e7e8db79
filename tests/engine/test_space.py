import json
import resource

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file, save_file

from mindseye.engine.errors import MindseyeError, VectorError
from mindseye.engine.evaluation.zero_shot import folds
from mindseye.engine.files import replace_file
from mindseye.engine.meanings import Meanings
from mindseye.engine.pocket import fit_pocket, load_parts
from mindseye.engine.query import word_query
from mindseye.engine.space import JointSpace


def test_items_have_two_unit_halves(pocket):
    features = pocket.encode_images([Image.effect_noise((300, 200), 80).convert("RGB")])
    for row in (pocket.image_rows(features)[0], pocket.text_rows(Meanings.plain(pocket.encode_texts(["a cat"])))[0]):
        semantic, visual = np.split(row, [pocket.text.width])
        assert np.linalg.norm(semantic) == pytest.approx(1, abs=1e-5)
        assert np.linalg.norm(visual) == pytest.approx(1, abs=1e-5)


def test_both_directions_of_the_mapping_meet(pocket, demo_manifest):
    """A photo's imagined meaning is nearest its own word's; a word's imagined look is nearest its own photo's."""
    shown = [p for p in demo_manifest.pictures if p.word in demo_manifest.shown]
    rows = pocket.image_rows(pocket.encode_images([Image.open(p.path).convert("RGB") for p in shown]))
    words = pocket.text_rows(Meanings.joined([pocket.word_query(p.word).meanings for p in shown]))
    split = pocket.text.width
    for half in (slice(0, split), slice(split, None)):
        assert (rows[:, half] @ words[:, half].T).argmax(axis=0).tolist() == list(range(len(shown)))


def test_knowledge_falls_from_learned_texts_to_abstract_words(pocket):
    learned, word, abstract = (pocket.word_query(w).knowledge for w in ("volcano", "rocket", "justice"))
    assert learned > 0.6 > word > 0.18 > abstract


def test_a_saved_space_answers_alike(pocket, tmp_path):
    pocket.save(tmp_path)
    loaded = JointSpace.load(tmp_path, pocket.text, pocket.picture, pocket.lexicon)
    assert (loaded.encoder, loaded.mapping) == (pocket.encoder, pocket.mapping)
    assert loaded.bank.words == pocket.bank.words
    asked = pocket.word_query("okapi"), loaded.word_query("okapi")
    assert np.array_equal(asked[0].row, asked[1].row)


def test_a_damaged_space_says_how_to_mend_it(pocket, tmp_path):
    with pytest.raises(MindseyeError, match="mindseye space fit"):
        JointSpace.load(tmp_path, pocket.text, pocket.picture, pocket.lexicon)
    pocket.save(tmp_path)
    (tmp_path / "mapping.safetensors").write_bytes(b"cut")
    with pytest.raises(MindseyeError, match="no usable space"):
        JointSpace.load(tmp_path, pocket.text, pocket.picture, pocket.lexicon)


@pytest.mark.slow
def test_a_refit_changes_the_mapping_and_leaves_the_encoder(pocket, cache):
    known, held_out = folds((0,))[0]
    other = fit_pocket(pocket.text, pocket.picture, pocket.lexicon, load_parts(cache), known)
    assert other.encoder == pocket.encoder and other.mapping != pocket.mapping
    assert not set(other.crossmodal.classes.astype(int)) & set(held_out.tolist())
    again = fit_pocket(pocket.text, pocket.picture, pocket.lexicon, load_parts(cache), known)
    assert again.mapping == other.mapping


def test_features_of_another_width_are_refused(pocket):
    with pytest.raises(VectorError, match=f"7 numbers wide where {pocket.raw_width}"):
        pocket.image_rows(np.zeros((1, 7)))


def test_nothing_of_a_space_is_pickled(pocket, tmp_path):
    pocket.save(tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {"mapping.safetensors", "space.json"}
    assert json.loads((tmp_path / "space.json").read_text())["encoder"] == pocket.encoder


def test_a_chosen_sense_moves_the_query(pocket):
    senses = pocket.lexicon.senses("crane")
    bird = next(s.number for s in senses if "bird" in s.definition)
    machine = next(s.number for s in senses if "lift" in s.definition)
    asked = [pocket.word_queries([word_query(pocket.lexicon, "crane", sense=n)])[0].semantic for n in (bird, machine)]
    stork, excavator = pocket.word_query("stork").semantic, pocket.word_query("excavator").semantic
    assert asked[0] @ stork > asked[1] @ stork and asked[1] @ excavator > asked[0] @ excavator


def test_a_word_is_defined_by_the_sense_that_can_be_pictured(pocket):
    """The dictionary's first cranes are a writer and a poet."""
    first = pocket.lexicon.senses("crane")[0].definition
    told = pocket.word_query("crane").wording.definition
    assert "writer" in first and any(word in told for word in ("bird", "lifts"))
    assert pocket.word_query("crane", sense=1).wording.definition == first


def test_a_file_is_replaced_whole_and_readable_as_others_are(tmp_path):
    tensors, plain = tmp_path / "kept.safetensors", tmp_path / "plain"
    plain.touch()
    for number in (1, 2):
        replace_file(tensors, lambda path, number=number: save_file({"number": np.array([number])}, path))
        assert load_file(tensors)["number"].tolist() == [number]
    assert tensors.stat().st_mode == plain.stat().st_mode
    assert sorted(tmp_path.iterdir()) == [tensors, plain]


def test_tensors_that_do_not_fit_on_the_disk_are_an_os_error_and_leave_what_was_there(tmp_path):
    kept = tmp_path / "kept.safetensors"
    save_file({"number": np.array([1])}, kept)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))  # bytes
    try:
        with pytest.raises(OSError, match=r"kept\.safetensors cannot be written .*too large"):
            replace_file(kept, lambda path: save_file({"number": np.zeros(1000)}, path))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert load_file(kept)["number"].tolist() == [1]
    assert list(tmp_path.iterdir()) == [kept]
