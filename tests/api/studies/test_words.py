"""Words of studies and their categories."""

import pytest

from mindseye.api.studies.words import StudyWord, categories_from, read_words, words_in
from mindseye.engine.errors import UsageError
from mindseye.engine.text.wordnet import DEFAULT

wordnet = pytest.mark.skipif(not (DEFAULT / "data.noun").exists(), reason="WordNet is not installed")


def test_words_come_from_lists_files_and_norms(tmp_path):
    (tmp_path / "a.txt").write_text("Zebra\n\nokapi\nzebra\n")
    (tmp_path / "b.csv").write_text("category,word\nanimal,zebra\ninstrument,Grand_Piano\n")
    (tmp_path / "c.csv").write_text("violin,instrument\nharp\n")
    norms = ["Concept\tFeature", "accordion\thas_keys", "accordion\ta_musical_instrument", "bow_(weapon)\ta_weapon"]
    (tmp_path / "d.tsv").write_text("\n".join(norms))
    assert read_words([str(tmp_path / "a.txt")]) == [StudyWord("zebra"), StudyWord("okapi")]
    both = read_words([str(tmp_path / "a.txt"), str(tmp_path / "b.csv"), "harp, okapi"])
    assert both == [
        StudyWord("zebra", "animal"), StudyWord("okapi"), StudyWord("grand piano", "instrument"), StudyWord("harp"),
    ]  # fmt: skip
    assert read_words([str(tmp_path / "c.csv")]) == [StudyWord("violin", "instrument"), StudyWord("harp")]
    assert read_words([str(tmp_path / "d.tsv")]) == [
        StudyWord("accordion", "musical instrument"), StudyWord("bow", "weapon"),
    ]  # fmt: skip
    assert words_in("zebra, animal\n piano \n\n") == [StudyWord("zebra", "animal"), StudyWord("piano")]


def test_files_that_are_none_are_refused(tmp_path):
    with pytest.raises(UsageError, match="cannot be read"):
        read_words([str(tmp_path / "none.csv")])
    (tmp_path / "bad.txt").write_bytes(b"\xff\xfe\x00z")
    with pytest.raises(UsageError, match="no text in UTF-8"):
        read_words([str(tmp_path / "bad.txt")])


@wordnet
def test_wordnet_tells_categories(tmp_path):
    fine, macro = (categories_from("wordnet", question, tmp_path) for question in ("word", "category"))
    assert [fine(word) for word in ("violin", "okapi", "robin", "justice")] == [
        "musical instrument", "mammal", "bird", None,
    ]  # fmt: skip
    assert [macro(word) for word in ("violin", "okapi", "oak", "xyzzy")] == [
        "man-made", "animal", "other natural", None,
    ]  # fmt: skip


def test_norms_tell_categories(unpacked):
    path = unpacked.file("concept_norms.tar.gz")
    tell = categories_from("norms", "word", path.parent)
    assert [tell(word) for word in ("accordion", "robin", "ambulance", "xyzzy")] == [
        "musical instrument", "bird", "vehicle", None,
    ]  # fmt: skip
