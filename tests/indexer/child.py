"""Do one thing to a library in a process of its own, which may stand still at a moment where it can be killed.

    python -m tests.indexer.child LIBRARY ACTION [ARGUMENT…] [--pace S] [--hold EVENT PATTERN]… [--mark FILE]

The holds are met in their order; at the last one the file appears, and nothing more happens while it is there. Events
are Python's own (`open`, `os.rename`, `os.remove`), `sql` (a statement about to be executed), `commit`, `encode` (of
pictures) and `encode texts`.
"""

import argparse
import re
import sys
import time
from pathlib import Path

from sqlalchemy import Engine, event

from mindseye.indexer.library import Library
from mindseye.indexer.studies import Studies
from mindseye.indexer.texts.words import Word
from tests.indexer.test_imagined import imagine
from tests.indexer.test_reembed import OtherSpace
from tests.indexer.test_texts import OtherTexts
from tests.tiny_space import TinySpace


class Slowly:
    """A space whose batches tell that they begin and take a while."""

    pace = 0.0

    def encode_images(self, images):
        sys.audit("encode", len(images))
        time.sleep(self.pace)
        return super().encode_images(images)

    def encode_texts(self, texts):
        sys.audit("encode texts", len(texts))
        time.sleep(self.pace)
        return super().encode_texts(texts)


class SlowSpace(Slowly, TinySpace): ...


class SlowOtherSpace(Slowly, OtherSpace): ...


class SlowOtherTexts(Slowly, OtherTexts): ...


def words(space: TinySpace, number: int) -> list[Word]:
    return [Word(f"w{n}", f"the word {n}", space.encode_words([f"w{n}"])[0]) for n in range(number)]


def judge(library: Library, name: str, token: str, told: str) -> None:
    """Answer all that is asked, and write down the position of each answer once it is acknowledged."""
    studies = Studies.of(library)
    while (sitting := studies.sitting(name, token)).choice:
        position = sitting.rater.answered
        studies.answer(name, token, position, position % 2)
        with Path(told).open("a") as file:
            file.write(f"{position}\n")


def hold_at(holds: list[list[str]], mark: Path) -> None:
    """Stand still, while the mark is there, once every hold has been met."""
    waiting = list(holds)

    def meet(name: str, arguments: tuple) -> None:
        if waiting and name == waiting[0][0] and re.search(waiting[0][1], repr(arguments)):
            waiting.pop(0)
            if not waiting:
                mark.touch()
                while mark.exists():
                    time.sleep(0.01)

    event.listen(Engine, "before_cursor_execute", lambda *about: sys.audit("sql", about[2]))
    event.listen(Engine, "commit", lambda connection: sys.audit("commit"))
    sys.addaudithook(meet)


def act(root: Path, action: str, arguments: list[str]) -> None:
    if action == "reembed":
        Library.reembed(root, SlowOtherSpace())
        return
    if action == "reembed-texts":
        Library.reembed(root, SlowOtherTexts())
        return
    with Library.open(root, SlowSpace()) as library:
        if action == "index":
            library.index([Path(each) for each in arguments])
        elif action == "index-into":
            library.index([Path(each) for each in arguments[1:]], arguments[0])
        elif action == "remove":
            library.remove(arguments)
        elif action == "words":
            library.index_words(words(library.space, int(arguments[0])))
        elif action == "imagine":
            imagine(library)
        elif action == "judge":
            judge(library, *arguments)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("library", type=Path)
    parser.add_argument(
        "action",
        choices=["open", "index", "index-into", "remove", "reembed", "reembed-texts", "words", "imagine", "judge"],
    )
    parser.add_argument("arguments", nargs="*")
    parser.add_argument("--pace", type=float, default=0)
    parser.add_argument("--hold", nargs=2, action="append", default=[])
    parser.add_argument("--mark", type=Path)
    given = parser.parse_args()
    Slowly.pace = given.pace
    if given.hold:
        hold_at(given.hold, given.mark)
    act(given.library, given.action, given.arguments)
