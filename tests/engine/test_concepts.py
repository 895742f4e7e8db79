import json
import tarfile
from collections import Counter
from pathlib import Path

import pytest

from mindseye.engine.errors import NotFoundError, UsageError
from mindseye.engine.evaluation.categories import CATEGORIES, MACRO_CATEGORIES, categorise, shipped
from mindseye.engine.evaluation.concepts import (
    Concept,
    balanced,
    evaluation_concepts,
    norm_concepts,
    norm_sample,
    wordnet_ids,
)
from mindseye.engine.text.wordnet import WordNet
from tests.conftest import SHARED

NORMS, TINY = SHARED / "concept_norms.tar.gz", SHARED / "tiny_imagenet_words.json"
norms = pytest.mark.skipif(not NORMS.exists(), reason="the concept norms of ../shared/data are absent")


@pytest.fixture(scope="module")
def net():
    try:
        return WordNet()
    except NotFoundError:
        pytest.skip("Debian's wordnet-base is not installed")


# The 200


def test_ten_classes_of_each_of_twenty_categories_are_evaluated():
    concepts = evaluation_concepts()
    assert Counter(concept.category for concept in concepts) == dict.fromkeys(CATEGORIES, 10)
    assert len({concept.class_index for concept in concepts}) == len({concept.word for concept in concepts}) == 200
    categories = shipped().categories
    assert all(concept.class_index in categories[concept.category] for concept in concepts)


def test_classes_are_where_their_hypernyms_put_them():
    animals, made, natural = (shipped().macro_categories[name] for name in MACRO_CATEGORIES)
    assert 340 in animals and 340 in shipped().categories["mammal"]  # zebra
    assert 401 in made and 401 in shipped().categories["musical instrument"]  # accordion
    assert 980 in natural and 954 in natural  # volcano, banana
    assert 207 in shipped().categories["dog"] and 207 not in shipped().categories["carnivore"]  # golden retriever
    assert 982 not in {*animals, *made, *natural}  # groom
    assert len({*animals, *made, *natural}) == len(animals) + len(made) + len(natural)


def test_the_shipped_table_is_what_wordnet_gives(net):
    if not TINY.exists():
        pytest.skip("the class list of ../shared/data is absent")
    apart = set(json.loads(TINY.read_text()))
    assert categorise(net, apart) == shipped()
    wnids = wordnet_ids()
    assert not apart & {wnids[concept.class_index] for concept in evaluation_concepts()}


def test_a_category_with_too_few_classes_left_is_named(net):
    with pytest.raises(UsageError, match="0 classes of 'dog' are not apart"):
        categorise(net, wordnet_ids())


def test_a_balanced_order_takes_each_category_in_turn():
    concepts = [Concept(str(n), n, "abc"[min(n // 4, 2)]) for n in range(14)]
    order = balanced(concepts, seed=1)
    assert sorted(order, key=lambda concept: concept.class_index) == concepts != order
    assert all(Counter(c.category for c in order[: 3 * turn]) == dict.fromkeys("abc", turn) for turn in range(1, 5))
    assert balanced(concepts, seed=1) == order != balanced(concepts, seed=2)


def test_the_wordnet_ids_are_imagenet_s_sorted_classes():
    ids = wordnet_ids()
    assert ids == sorted(ids) and len(set(ids)) == 1000
    assert ids[340] == "n02391049"  # zebra


# The norms


def norms_file(folder: Path, rows: list[tuple[str, str]]) -> Path:
    lines = ["Concept\tFeature", *(f"{concept}\t{feature}" for concept, feature in rows)]
    file = folder / "norms" / "mcrae" / "CONCS_FEATS_concstats_brm.txt"
    file.parent.mkdir(parents=True)
    file.write_text("\n".join(lines), encoding="latin-1")
    return folder


@pytest.fixture
def some_norms(tmp_path):
    return norms_file(
        tmp_path,
        [
            ("zebra", "has_stripes"),
            ("zebra", "a_mammal"),
            ("cheetah", "a_mammal"),
            ("bow_(ribbon)", "made_of_silk"),
            ("bow_(weapon)", "a_weapon"),  # too few weapons
            ("unicorn", "a_mammal"),  # no class is called unicorn
            ("zebra", "a_tool"),
            ("spatula", "a_utensil"),
            ("ladle", "a_utensil"),
            ("strainer", "a_utensil"),
            ("beaver", "a_mammal"),
        ],
    )


def test_a_concept_is_of_the_first_category_that_is_listed(some_norms):
    mammals = [("zebra", 340, "mammal"), ("cheetah", 293, "mammal"), ("beaver", 337, "mammal")]
    assert norm_sample(some_norms) == mammals
    found = norm_concepts(some_norms)
    assert [each for each in found if each.category == "mammal"] == mammals
    assert Concept("bow", 456, None) in found and len(found) == 7
    assert sum(each.category == "utensil" for each in found) == 3


def test_a_category_gives_its_first_six_to_the_sample(tmp_path):
    birds = ["chickadee", "flamingo", "goose", "ostrich", "partridge", "peacock", "pelican", "robin"]
    folder = norms_file(tmp_path, [(bird, "a_bird") for bird in birds])
    assert [concept.word for concept in norm_sample(folder)] == birds[:6]
    assert [concept.word for concept in norm_concepts(folder)] == birds


def test_norms_are_read_from_the_archive_too(tmp_path, some_norms):
    with tarfile.open(tmp_path / "norms.tar.gz", "w:gz") as archive:
        archive.add(some_norms / "norms", "norms")
    assert norm_concepts(tmp_path / "norms.tar.gz") == norm_concepts(some_norms) != []


def test_missing_norms_are_told(tmp_path):
    for path in (tmp_path, tmp_path / "absent.tar.gz"):
        with pytest.raises(UsageError, match=r"no CONCS_FEATS.* in .*give concept_norms.tar.gz"):
            norm_concepts(path)


@norms
def test_the_norms_and_imagenet_share_117_concepts_and_the_sample_45():
    concepts, sample = norm_concepts(NORMS), norm_sample(NORMS)
    assert len(concepts) == len({concept.class_index for concept in concepts}) == 117
    assert {each.class_index for each in sample} < {each.class_index for each in concepts}
    counts = Counter(concept.category for concept in sample)
    assert len(sample) == 45 and len(counts) == 9 and min(counts.values()) >= 3 and max(counts.values()) == 6
    assert Concept("grasshopper", 311, "insect") in sample
    least = Counter(concept.category for concept in concepts if concept.category)
    assert min(least.values()) >= 3 and set(least) >= set(counts) | {"appliance", "utensil"}
