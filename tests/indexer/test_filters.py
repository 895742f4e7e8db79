"""What a search looks among: every filter against a check of every file in plain Python."""

import os
import unicodedata
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image

from mindseye.engine.errors import NotFoundError, UsageError
from mindseye.engine.vision.pictures import write_imagined_png
from mindseye.indexer.files import path_fits
from mindseye.indexer.filters import EVERYTHING, Filter
from mindseye.indexer.library import Library
from tests.pictures import paint, painting, query_of
from tests.tiny_space import TinySpace

BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
LABELS = ("beach", "sunset", "père noël")


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty pictures of many sizes, a month apart, in folders by year; some taken earlier than their files changed."""
    folder = tmp_path_factory.mktemp("album")
    for number in range(40):
        month = BEGIN + timedelta(days=30 * number)
        path = (
            folder
            / str(month.year)
            / f"{'sea' if number % 3 else 'Hill [1]'}-{number}.{'jpg' if number % 2 else 'png'}"
        )
        path.parent.mkdir(exist_ok=True)
        exif = Image.Exif()
        if number % 5 == 0:
            exif[ExifTags.Base.DateTime] = "1999:12:31 23:59:59"
        painting(number, 10 + 7 * number).save(path, exif=exif)
        os.utime(path, (month.timestamp(), month.timestamp()))
    return folder


@pytest.fixture(scope="module")
def labelled(album: Path, tmp_path_factory: pytest.TempPathFactory) -> Library:
    """The album in a library: the years in collections of their own, each with labels."""
    with Library.open(tmp_path_factory.mktemp("labelled") / "library", TinySpace()) as library:
        for number, year in enumerate(sorted(album.iterdir())):
            library.index([year], collection=year.name, labels=LABELS[: number % 4])
        yield library


def names(library: Library, within: Filter, n: int = 100) -> list[str]:
    """What a search finds, best first."""
    query = np.random.default_rng(1).normal(size=(1, library.space.width)).astype(np.float32)
    return [hit.path.name for hit in library.select(within).search(query, n)[0]]


def taken(path: Path) -> str:
    with Image.open(path) as image:
        told = image.getexif().get(ExifTags.Base.DateTime)
    if told:
        return "1999-12-31T23:59:59"
    return datetime.fromtimestamp(path.stat().st_mtime).isoformat(timespec="seconds")


def passes(path: Path, within: Filter) -> bool:
    years = sorted(each.name for each in path.parents[1].iterdir())
    labels = LABELS[: years.index(path.parent.name) % 4]
    checks = [
        within.collection in (None, path.parent.name),
        within.path is None or path.match(within.path),
        set(map(str.casefold, within.labels)) <= set(labels),
    ]
    with Image.open(path) as image:
        values = [(taken(path), within.date), (path.stat().st_size, within.size), (max(image.size), within.side)]
    checks += [(low is None or value >= low) and (high is None or value < high) for value, (low, high) in values]
    return all(checks)


def between(values: st.SearchStrategy) -> st.SearchStrategy:
    return st.tuples(st.none() | values, st.none() | values)


filters = st.builds(
    Filter,
    collection=st.sampled_from([None, None, "2024", "2025", "2026"]),
    path=st.sampled_from([None, None, "*.jpg", "sea*", "Hill [[]1]*", "2025/*", "*/2026/*.png", "*", "nothing"]),
    date=between(st.sampled_from(["1999-12-31", "2000", "2024-06-01", "2025-01-01", "2026-05-30T12:00:00", "2030"])),
    size=between(st.integers(0, 4000)),
    side=between(st.integers(0, 300)),
    labels=st.lists(st.sampled_from(["beach", "Sunset", "Père Noël", "unheard of"]), max_size=2).map(tuple),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(filters)
def test_a_search_finds_exactly_what_passes(album, labelled, within):
    files = {path.name: path for path in album.rglob("*.*")}
    expected = [name for name in names(labelled, EVERYTHING) if passes(files[name], within)]
    assert names(labelled, within) == expected, "in the same order as without the filter"
    assert len(labelled.select(within)) == len(expected)


def test_the_filter_is_inside_the_search(labelled):
    """The one picture that passes comes back though it is the worst of all."""
    worst = names(labelled, EVERYTHING)[-1]
    assert names(labelled, Filter(path=worst.replace("[", "[[]")), n=1) == [worst]


@pytest.mark.parametrize(
    ("glob", "fits"),
    [
        ("2024/**", True),
        ("{cats,dogs}/*.{png,jpg}", True),
        ("/photos/*/cats/[!b]*", True),
        ("/photos/**/anna.jpg", True),
        ("photos/*.jpg", False),
        ("CATS/*", False),
        ("nna.jpg", False),
        ("/2024/**", False),
    ],
)
def test_globs(glob, fits):
    assert path_fits(Path("/photos/2024/cats/anna.jpg").as_uri(), glob) is fits


def test_a_glob_that_explodes_is_refused(library):
    with pytest.raises(UsageError, match="is no pattern of paths"):
        library.select(Filter(path="{1..100000}"))


def test_pages_under_ties_follow_one_order(open_library, tmp_path):
    class Flat(TinySpace):
        def image_rows(self, features):
            return np.ones((len(features), self.width), np.float32)

    for seed in range(30):
        paint(tmp_path / "flat" / f"{seed}.png", seed)
    library = open_library(Flat())
    library.index([tmp_path / "flat"])
    row = np.ones((1, library.space.width), np.float32)
    everything = library.search(row, 30)[0]
    assert [hit.item_id for hit in everything] == sorted(hit.item_id for hit in everything)
    for n in range(1, 31):
        assert library.search(row, n)[0] == everything[:n]


def test_labels_are_set_kept_and_taken_away(library, photos):
    library.index([photos], labels=["Zoo", "animal", " animal "])
    assert library.item("ape.png").labels == ("animal", "zoo")
    library.index([photos])
    assert library.item("ape.png").labels == ("animal", "zoo")
    library.index([photos / "ape.png"], labels=["primate"])
    assert library.item("ape.png").labels == ("primate",)
    assert library.item("bat.png").labels == ("animal", "zoo")
    library.index([photos], labels=[""])
    assert library.item("bat.png").labels == ()
    assert not any(line.startswith("labels") for line in library.explain("bat.png").lines())


def test_keywords_and_the_date_come_from_the_file(library, photos):
    exif = Image.Exif()
    exif[ExifTags.Base.DateTime] = "2021:07:04 10:11:12"
    xmp = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:subject><rdf:Bag>{}</rdf:Bag></dc:subject>'
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    words = "<rdf:li>Harbour</rdf:li><rdf:li>Boats</rdf:li>"
    painting(80).save(photos / "tagged.jpg", exif=exif, xmp=xmp.format(words).encode())
    library.index([photos])
    item = library.item("tagged.jpg")
    assert (item.labels, item.taken) == (("boats", "harbour"), "2021-07-04T10:11:12")
    assert names(library, Filter(labels=("harbour",))) == ["tagged.jpg"]
    painting(80).save(photos / "tagged.jpg", xmp=xmp.format("<rdf:li>Boats</rdf:li>").encode())
    library.index([photos], labels=["mine"])
    assert library.item("tagged.jpg").labels == ("boats", "mine")


def test_imagined_pictures_are_searched_when_asked_for_alone(library, space, photos):
    for seed in (300, 301):
        (photos / f"dream{seed}.png").write_bytes(write_imagined_png(painting(seed), f"f00{seed}", "0.1.0"))
    library.index([photos])
    assert space.encoded == 5
    assert sorted(names(library, Filter(origin="imagined"))) == ["dream300.png", "dream301.png"]
    query = query_of(library, photos / "dream301.png")
    assert library.select(Filter(origin="imagined")).search(query, 1)[0][0].path.name == "dream301.png"
    assert space.encoded == 5 + 2 + 1, "each once, and the query"
    assert len(names(library, EVERYTHING)) == 5, "never among the found ones"
    (photos / "dream300.png").unlink()
    library.index([photos])
    assert names(library, Filter(origin="imagined")) == ["dream301.png"]


def test_an_imagined_picture_that_is_lost_is_left_out(library, photos):
    (photos / "dream.png").write_bytes(write_imagined_png(painting(300), "f00d", "0.1.0"))
    library.index([photos])
    (photos / "dream.png").unlink()
    assert names(library, Filter(origin="imagined")) == []


def test_a_hit_is_named_by_the_place_that_passes(library, photos, tmp_path):
    twin = paint(tmp_path / "other" / "twin.png", 0)
    library.index([photos, twin.parent])
    hit = library.select(Filter(path="other/*")).search(query_of(library, twin), 1)[0][0]
    assert (hit.path, [Path(uri).name for uri in hit.also]) == (twin, ["ape.png"])


def test_a_collection_that_is_not_there_is_told(library):
    with pytest.raises(NotFoundError, match="'nowhere'"):
        library.select(Filter(collection="nowhere"))


@pytest.mark.parametrize("asked", ["père noël", "PÈRE  NOËL ", unicodedata.normalize("NFD", "Père Noël"), "Père\tNoël"])
@pytest.mark.parametrize("given", ["Père Noël", unicodedata.normalize("NFD", "père  noël")])
def test_labels_are_looked_for_as_they_are_kept(library, photos, given, asked):
    library.index([photos / "ape.png"], labels=[given])
    library.index([photos])
    assert library.item("ape.png").labels == ("père noël",)
    assert names(library, Filter(labels=(asked,))) == ["ape.png"]


@pytest.mark.parametrize("word", ["latin\udce9", "\ud800"])
def test_what_is_no_text_is_refused_before_anything_is_written(library, photos, word):
    for options in ({"labels": ["zoo", word]}, {"collection": word}):
        with pytest.raises(UsageError, match="UTF-8"):
            library.index([photos], **options)
    assert library.status().last_run is None


@pytest.mark.parametrize(
    "ref", ["\udce9.png", "\ud800", "file:///\udce9", "file:///\ud800", "nul\0", "café", "file:///é"]
)
def test_a_name_that_none_can_have_is_told_as_unknown(library, photos, ref):
    library.index([photos])
    with pytest.raises(NotFoundError, match="no item is called"):
        library.item(ref)
    with pytest.raises(NotFoundError, match="no collection is called"):
        library.remove(collection=ref)


def test_a_file_whose_name_is_no_text_is_named_by_it(library, tmp_path):
    path = paint(Path(os.fsdecode(os.fsencode(tmp_path) + b"/latin\xe9.png")), 5)
    library.index([path])
    for ref in (str(path), path.name, path.as_uri()):
        assert library.item(ref).path == path


def test_labels_go_along_with_a_renamed_file(library, photos):
    library.index([photos], labels=["zoo"])
    library.index([photos / "ape.png"], labels=["primate"])
    (photos / "ape.png").rename(photos / "more" / "monkey.png")
    library.index([photos])
    assert library.item("monkey.png").labels == ("primate",)
    (photos / "more" / "monkey.png").rename(photos / "gorilla.png")
    library.index([photos], labels=["mine"])
    assert library.item("gorilla.png").labels == ("mine",)


def test_a_name_that_comes_after_the_old_one_went_has_its_labels_too(library, photos, tmp_path):
    library.index([photos / "ape.png"], labels=["primate"])
    (photos / "ape.png").rename(tmp_path / "away.png")
    library.index([photos])
    (tmp_path / "away.png").rename(photos / "monkey.png")
    library.index([photos])
    assert library.item("monkey.png").labels == ("primate",)
    library.index([photos / "monkey.png"], labels=[""])
    os.utime(photos / "monkey.png", ns=(1, 1))
    library.index([photos])
    assert library.item("monkey.png").labels == (), "what was taken away stays away"


def test_a_copy_has_no_labels_of_its_twin(library, photos):
    library.index([photos / "ape.png"], labels=["primate"])
    (photos / "twin.png").write_bytes((photos / "ape.png").read_bytes())
    library.index([photos])
    assert library.item("twin.png").labels == ()
    library.index([photos], collection="other")
    other = [library.item(str(hit.item_id)) for hit in library.select(Filter(collection="other")).everything()]
    assert [item.labels for item in other] == [()] * 5
