"""How fast a running `mindseye serve` answers words that it was never asked before, as JSON: `make bench`.

A library of 3,000 pictures, one client, then twenty. Absolute figures are this machine's, now; ratios compare better.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from subprocess import PIPE, Popen
from tempfile import TemporaryDirectory
from threading import Lock, Thread
from typing import Any
from urllib.parse import quote, urlsplit

import numpy as np
from PIL import Image

from mindseye.api.manifest import read_manifest
from mindseye.api.mindseye import Mindseye
from mindseye.api.progress import progress_bar
from mindseye.api.settings import Settings
from mindseye.engine.decision.bank import common_nouns
from mindseye.engine.text.lexicon import Lexicon

PICTURES = 3000
WARM, QUERIES, PAGES = 50, 600, 100
CLIENTS, SECONDS = 20, 60.0


def main() -> None:
    """Measure and print."""
    asked = _arguments()
    with TemporaryDirectory(prefix="mindseye-bench-") as folder:
        library = asked.library or indexed(Path(folder), asked.pictures)
        words = Words()
        with served(library) as address:
            figures = {"queries": QUERIES, **alone(address, words), **page(address, words)}
            figures |= together(address, words, asked.clients, asked.seconds)
    json.dump(figures, sys.stdout, indent=2)
    sys.stdout.write("\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=Path, help="a folder of pictures; crops of the demo's without")
    parser.add_argument("--library", type=Path, help="a library that is there already, in place of a new one")
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    return parser.parse_args()


def indexed(folder: Path, pictures: Path | None) -> Path:
    """Return a new library of PICTURES pictures."""
    photos = folder / "photos"
    photos.mkdir()
    if pictures:
        given = (path for path in sorted(pictures.rglob("*.*")) if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
        for number, path in zip(range(PICTURES), given, strict=False):
            (photos / f"{number:04}{path.suffix}").write_bytes(path.read_bytes())
    else:
        _crops(photos)
    with Mindseye.open(folder / "library", Settings().cache) as eye, progress_bar("indexing", "files") as tell:
        eye.index([photos], progress=tell)
    return folder / "library"


def _crops(folder: Path) -> None:
    rng = np.random.default_rng(0)
    sources = [Image.open(picture.path).convert("RGB") for picture in read_manifest("demo").pictures]
    for number in range(PICTURES):
        source = sources[number % len(sources)]
        side = int(min(source.size) * rng.uniform(0.3, 0.9))
        left, top = (int(rng.integers(0, extent - side + 1)) for extent in source.size)
        source.crop((left, top, left + side, top + side)).resize((160, 160)).save(folder / f"{number:04}.jpg")


class Words:
    """Common nouns in a random order, each given out once: no answer can be remembered. Half have several senses."""

    def __init__(self) -> None:
        nouns = common_nouns(Lexicon())
        self._words: list[str] = np.random.default_rng(0).permutation(nouns).tolist()
        self._next = count()
        self._lock = Lock()

    def __call__(self) -> str:
        """Return the next word; after all of them, of two words."""
        with self._lock:
            number = next(self._next)
        turn, place = divmod(number, len(self._words))
        return " ".join([self._words[place], *([self._words[place - turn]] if turn else [])])


@contextmanager
def served(library: Path) -> Iterator[str]:
    """Yield the address of a server of that library, that is ready."""
    command = [sys.executable, "-c", "from mindseye.api.cli import main; main()", "--library", str(library), "serve"]
    with Popen([*command, "--port", "0"], stdout=PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            told = server.stdout.readline().split()
            yield next(word for word in told if word.startswith("http://"))
        finally:
            server.terminate()


class Client:
    """One connection that is kept open, as a browser's."""

    def __init__(self, address: str) -> None:
        self._connection = HTTPConnection(urlsplit(address).netloc, timeout=60)

    def __call__(self, path: str) -> tuple[float, float, int, bytes]:
        """Return the ms to the first byte and to the last, the status and the body."""
        began = time.perf_counter()
        self._connection.request("GET", path)
        answer = self._connection.getresponse()
        first = 1000 * (time.perf_counter() - began)
        body = answer.read()
        return first, 1000 * (time.perf_counter() - began), answer.status, body


def _search(word: str) -> str:
    return f"/v1/search?q={quote(word)}"


def alone(address: str, words: Words) -> dict[str, Any]:
    """Return what one client waits for: all of it, and all but encoding and looking among vectors."""
    client = Client(address)
    for _ in range(WARM):
        client(_search(words()))
    whole, rest, parts = [], [], []
    for _ in range(QUERIES):
        _, took, status, body = client(_search(words()))
        assert status == 200, body
        timings = json.loads(body)["timings_ms"]
        whole.append(took)
        rest.append(took - timings["encode"] - timings["search"])
        parts.append(timings)
    by_part = {name: _quantiles([each[name] for each in parts]) for name in parts[0]}
    ratio = float(np.median(whole) / np.median([each["encode"] for each in parts]))
    return {
        "request_ms": _quantiles(whole),
        "without_encoding_and_vectors_ms": _quantiles(rest),
        "parts_ms": by_part,
        "request_over_encoding": round(ratio, 2),
    }


def page(address: str, words: Words) -> dict[str, Any]:
    """Return how long the page takes after Enter: to its first byte, and to its last."""
    client = Client(address)
    took = [client(f"/?q={quote(words())}") for _ in range(PAGES)]
    assert all(status == 200 for *_, status, _ in took)
    return {
        "page_first_byte_ms": _quantiles([first for first, *_ in took]),
        "page_last_byte_ms": _quantiles([last for _, last, *_ in took]),
    }


def together(address: str, words: Words, clients: int, seconds: float) -> dict[str, Any]:
    """Return what several clients at once wait for, who ask again as soon as they are answered."""
    until = time.perf_counter() + seconds
    taken: list[list[tuple[float, int]]] = [[] for _ in range(clients)]
    threads = [Thread(target=_ask_until, args=(until, Client(address), words, told.append)) for told in taken]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    each = [one for told in taken for one in told]
    return {
        "clients": clients,
        "seconds": seconds,
        "requests": len(each),
        "errors": sum(status != 200 for _, status in each),
        "requests_per_second": round(len(each) / seconds, 1),
        "together_ms": _quantiles([took for took, _ in each]),
        "fewest_and_most_requests_of_a_client": [min(map(len, taken)), max(map(len, taken))],
    }


def _ask_until(until: float, client: Client, words: Words, tell: Callable[[tuple[float, int]], None]) -> None:
    while time.perf_counter() < until:
        try:
            _, took, status, _ = client(_search(words()))
        except OSError:
            took, status = 0.0, 0
        tell((took, status))


def _quantiles(values: Sequence[float]) -> dict[str, float]:
    return {f"p{share}": round(float(np.percentile(values, share)), 1) for share in (50, 90, 99)}


if __name__ == "__main__":
    main()
