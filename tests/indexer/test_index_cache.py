import json
from pathlib import Path

import numpy as np
import pytest

from mindseye.engine.errors import SpaceMismatchError
from mindseye.indexer.files import replacing
from mindseye.indexer.index import cache
from mindseye.indexer.library import Library
from tests.pictures import names, nearest, paint
from tests.tiny_space import TinySpace


@pytest.fixture
def many(tmp_path: Path) -> Path:
    for seed in range(40):
        paint(tmp_path / "many" / f"{seed}.png", seed)
    return tmp_path / "many"


def answers(library: Library) -> list[list[tuple]]:
    queries = np.random.default_rng(0).normal(size=(7, library.space.width)).astype(np.float32)
    singles = [library.search(query[None], 9)[0] for query in queries]
    return [[(hit.item_id, hit.embedding_id, hit.uri, hit.score) for hit in hits] for hits in singles]


def index_files(library: Library) -> list[str]:
    return sorted(path.name for path in (library.root / "index").glob("index-*.faiss"))


def manifest(library: Library) -> dict:
    return json.loads((library.root / "index" / "manifest.json").read_text())


def delete_file(folder: Path) -> None:
    next(folder.glob("index-*.faiss")).unlink()


def truncate_file(folder: Path) -> None:
    file = next(folder.glob("index-*.faiss"))
    file.write_bytes(file.read_bytes()[:-100])


def scramble_file(folder: Path) -> None:
    next(folder.glob("index-*.faiss")).write_bytes(b"nonsense" * 1000)


def file_of_other_rows(folder: Path) -> None:
    other = cache.FaissIndex(TinySpace().width)
    other.save(next(folder.glob("index-*.faiss")))


def delete_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def scramble_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text('{"generation": 1}')


def manifest_of(**changed: object):
    def change(folder: Path) -> None:
        page = folder / "manifest.json"
        page.write_text(json.dumps(json.loads(page.read_text()) | changed))

    return change


def delete_all(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


@pytest.mark.parametrize(
    "damage",
    [
        delete_file,
        truncate_file,
        scramble_file,
        file_of_other_rows,
        delete_manifest,
        scramble_manifest,
        delete_all,
        manifest_of(library="another"),
        manifest_of(mapping="another"),
        manifest_of(encoder="another"),
        manifest_of(width=7),
        manifest_of(seq=10_000),
    ],
    ids=lambda damage: damage.__qualname__.split(".")[0],
)
def test_a_lost_or_damaged_index_is_derived_again_with_the_same_answers(open_library, many, damage):
    library = open_library(TinySpace())
    library.index([many])
    library.remove(["3.png"])
    before = answers(library)
    library.close()
    damage(library.root / "index")
    again = open_library(TinySpace())
    assert answers(again) == before
    assert again.space.encoded == 0
    assert manifest(again)["count"] == 39
    assert len(index_files(again)) == 1
    again.close()
    assert answers(open_library(TinySpace())) == before


def test_the_pictures_are_not_needed_to_derive_the_index(open_library, many):
    library = open_library(TinySpace())
    library.index([many])
    before = answers(library)
    library.close()
    for path in many.iterdir():
        path.unlink()
    delete_all(library.root / "index")
    assert answers(open_library(TinySpace())) == before


def test_an_undamaged_index_is_loaded_not_derived(open_library, many, monkeypatch):
    library = open_library(TinySpace())
    library.index([many])
    before = answers(library)
    library.close()
    monkeypatch.setattr(TinySpace, "image_rows", None)
    assert answers(open_library(TinySpace())) == before


def test_another_mapping_is_derived_anew_without_encoding(open_library, many, tmp_path):
    library = open_library(TinySpace())
    library.index([many])
    library.close()
    other = open_library(TinySpace(mapping="tiny-projection-2"))
    fresh = open_library(TinySpace(mapping="tiny-projection-2"), tmp_path / "fresh")
    fresh.index([many])
    assert [[hit[2:] for hit in hits] for hits in answers(other)] == [
        [hit[2:] for hit in hits] for hits in answers(fresh)
    ]
    assert other.space.encoded == 0
    assert other.status().mapping == other.explain("3.png").mapping == "tiny-projection-2"


def test_a_few_changes_are_a_tail_and_more_are_published(open_library, many):
    library = open_library(TinySpace())
    library.index([many])
    generation = library.status().generation
    assert index_files(library) == [f"index-{generation}.faiss"]
    paint(many / "new.png", 100)
    library.index([many])
    assert library.status().generation == manifest(library)["generation"] == generation
    assert manifest(library)["count"] == 40
    assert nearest(library, many / "new.png") == "new.png"
    for seed in (101, 102):
        paint(many / f"{seed}.png", seed)
    library.index([many])
    assert library.status().generation == generation + 1
    assert index_files(library) == [f"index-{generation + 1}.faiss"]
    assert manifest(library)["count"] == 43


def test_a_long_tail_that_a_killed_run_left_is_published_at_the_next_opening(open_library, many):
    library = open_library(TinySpace())
    library.memories.index("image").compact = lambda: None  # killed before it came to that
    library.index([many])
    assert manifest(library)["count"] == 0
    library.close()
    open_library(TinySpace())
    assert manifest(library)["count"] == 40


def test_a_tail_is_followed_when_a_library_is_opened(open_library, many):
    library = open_library(TinySpace())
    library.index([many])
    paint(many / "new.png", 100)
    library.index([many])
    library.remove(["5.png"])
    before = answers(library)
    assert manifest(library)["count"] == 40
    library.close()
    again = open_library(TinySpace())
    assert answers(again) == before
    assert nearest(again, many / "new.png") == "new.png"


def test_what_another_process_writes_is_seen_by_the_next_search(open_library, many):
    one, other = open_library(TinySpace()), open_library(TinySpace())
    one.index([many])
    assert answers(other) == answers(one)
    other.remove(["7.png"])
    assert "7.png" not in names(one)
    assert answers(one) == answers(other)


def test_a_generation_never_goes_back(open_library, many):
    one, other = open_library(TinySpace()), open_library(TinySpace())
    one.index([many])
    newest = manifest(one)
    other.memories.index("image").publish()  # knows nothing of what one has published
    assert manifest(one) == newest
    assert answers(other) == answers(one)
    other.memories.index("image").publish()
    assert manifest(other)["generation"] > newest["generation"]
    assert manifest(other)["seq"] == newest["seq"]


def test_an_index_published_while_it_is_being_read_is_read_again(open_library, many, monkeypatch):
    library = open_library(TinySpace())
    library.index([many])
    before = answers(library)
    load = cache.FaissIndex.load

    def publish_first(path: Path) -> object:
        monkeypatch.setattr(cache.FaissIndex, "load", load)
        library.memories.index("image").publish()  # which deletes the file at `path`
        assert not path.exists()
        return load(path)

    monkeypatch.setattr(cache.FaissIndex, "load", publish_first)
    generation = manifest(library)["generation"]
    again = open_library(TinySpace())
    assert again.status().generation == generation + 1
    assert answers(again) == before


def test_leftovers_of_a_killed_process_are_swept(open_library, many):
    library = open_library(TinySpace())
    (library.root / "index" / ".index-9.faiss.0badcafe.tmp").write_bytes(b"half")
    library.index([many])
    assert sorted(path.name for path in (library.root / "index").iterdir()) == [
        f"index-{library.status().generation}.faiss",
        "manifest.json",
    ]


def test_an_index_that_cannot_be_written_does_not_stop_the_work(open_library, many, tmp_path, caplog):
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "index").write_text("in the way")
    library = open_library(TinySpace())
    assert library.index([many]).added == 40
    assert nearest(library, many / "3.png") == "3.png"
    assert library.status().generation == 0
    assert "cannot be written" in caplog.text


def test_a_library_moved_to_another_encoder_refuses_the_old_one_at_once(open_library, many):
    library = open_library(TinySpace())
    library.index([many])
    Library.reembed(library.root, TinySpace(encoder="another"))
    with pytest.raises(SpaceMismatchError, match="another"):
        answers(library)
    with pytest.raises(SpaceMismatchError, match="another"):
        library.remove(["3.png"])
    (many / "3.png").unlink()
    with pytest.raises(SpaceMismatchError, match="another"):
        library.index([many])  # what it sweeps leaves the index of the new encoder
    moved = open_library(TinySpace(encoder="another"))
    assert moved.status().vectors == 39
    assert "3.png" not in names(moved)


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path):
    file = tmp_path / "file"
    file.write_text("old")
    with pytest.raises(RuntimeError), replacing(file) as path:
        path.write_text("half")
        raise RuntimeError
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("file", "old")]
    with replacing(file) as path:
        path.write_text("new")
        assert file.read_text() == "old"
    with file.open() as reader:
        with replacing(file) as path:
            path.write_text("newer")
        assert reader.read() == "new"  # who reads meanwhile reads a whole file
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("file", "newer")]
