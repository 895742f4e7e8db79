"""What pages are made of: addresses, suggestions, dropped pictures, words for values."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from mindseye.api.web import wording
from mindseye.api.web.asked import Asked
from mindseye.api.web.rendering import asset, file_of
from mindseye.api.web.suggestions import suggest
from mindseye.api.web.uploads import Uploads
from mindseye.engine.errors import NotFoundError, UnreadableFileError, UsageError
from mindseye.engine.text.lexicon import Lexicon
from tests.pictures import painting


@pytest.fixture(scope="module")
def lexicon():
    return Lexicon()


def png(number):
    buffer = io.BytesIO()
    painting(number, 48).save(buffer, "PNG")
    return buffer.getvalue()


def test_fields_that_forms_send_empty_say_nothing():
    asked = Asked.model_validate({"q": "cat", "sense": "", "in": "", "collection": "", "sort": "", "offset": ""})
    assert asked == Asked(q="cat")
    assert asked.address() == "/?q=cat"


def test_an_address_asks_the_same_again():
    asked = Asked(q="king - man + woman", kinds=("images", "words"), label="red", since="2020", twins=True, sense=2)
    assert asked.address() == (
        "/?q=king+-+man+%2B+woman&sense=2&in=images&in=words&label=red&since=2020&twins=on"
    )  # fmt: skip
    assert asked.address("/more", offset=24).endswith("&offset=24")
    assert Asked(q="cat", offset=48).address(sense=1) == "/?q=cat&sense=1", "another question begins at its first page"


def test_filters_are_those_of_the_command_line():
    within = Asked(since="2024-05", until="2024-06", size="1MB..", pixels="800..", label="Red").within
    assert (within.date, within.size, within.side) == (("2024-05-01", "2024-07-01"), (1_000_000, None), (800, None))
    assert within.labels == ("Red",)
    with pytest.raises(UsageError):
        _ = Asked(size="large").within
    with pytest.raises(UsageError):
        _ = Asked(kinds=("sounds",)).modalities
    with pytest.raises(ValidationError):
        Asked(like="/etc/passwd")


def test_common_and_concrete_words_are_suggested_first(lexicon):
    assert [each.word for each in suggest(lexicon, "zeb")][:2] == ["zebra", "zebu"]
    first = suggest(lexicon, "crane")[0]
    assert first.word == "crane"
    assert first.senses > 3
    assert "writer" not in first.gloss, "names of people are nobody's first thought"
    assert suggest(lexicon, "  ") == []


def test_the_last_term_of_a_sum_is_what_is_being_typed(lexicon):
    texts = [each.text for each in suggest(lexicon, "king - man + wom")]
    assert "king - man + woman" in texts


@given(typed=st.text(max_size=40))
def test_whatever_is_typed_is_no_error(lexicon, typed):
    assert len(suggest(lexicon, typed)) <= 8


def test_a_dropped_picture_is_kept_by_its_content_until_others_come():
    uploads = Uploads(kept=2)
    key = uploads.add(png(1), "one.png")
    assert uploads.add(png(1), "again.png") == key
    assert uploads.original(key).read_bytes() == png(1)
    assert uploads.name(key) == "again.png"
    others = [uploads.add(png(number), "other.png") for number in (2, 3)]
    with pytest.raises(NotFoundError):
        uploads.shown(key)
    assert all(uploads.shown(each).startswith(b"\xff\xd8") for each in others)


def test_what_is_no_picture_is_not_kept():
    with pytest.raises(UnreadableFileError, match=r"no\.png"):
        Uploads().add(b"text", "no.png")


@pytest.mark.parametrize("name", ["../rendering.py", "/etc/passwd", "vendor/../mindseye.css", "", "vendor/"])
def test_only_the_page_s_own_files_are_static(name):
    assert file_of(name) is None


def test_an_asset_s_address_tells_its_content():
    assert asset("mindseye.css").startswith("/static/mindseye.css?v=")
    assert asset("vendor/htmx.min.js") != asset("mindseye.css")


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.0, "very unlikely"), (0.1, "unlikely"), (0.5, "perhaps"), (0.6, "likely"), (1, "very likely")],
)
def test_probabilities_in_words(value, said):
    assert wording.likelihood(value) == said


def test_shares_and_sizes():
    assert [wording.percent(each) for each in (0, 0.001, 0.5, 0.999, 1)] == [
        "0 %",
        "under 1 %",
        "50 %",
        "over 99 %",
        "100 %",
    ]
    assert [wording.file_size(each) for each in (999, 1_500, 25_000_000)] == ["999 bytes", "1.5 kB", "25 MB"]
    assert wording.plural(1, "copy", "copies") == "1 copy"
    assert wording.plural(1200, "picture") == "1\u202f200 pictures"


def test_sentences_begin_large_but_names_stay():
    assert wording.sentence("no picture stands out") == "No picture stands out"
    assert wording.sentence("no.png is no picture") == "no.png is no picture"


def test_alt_texts_say_what_a_picture_is(demo_library):
    item = demo_library.item("chelsea.png")
    assert wording.alt(item) == f"chelsea.png; found in {item.path.parent.name}"
