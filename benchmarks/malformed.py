"""How a real `mindseye serve` takes malformed requests: `python benchmarks/malformed.py [-n 10000]`, as JSON.

It is given bad JSON, wrong types, broken forms and pictures, bombs, odd encodings, junk for headers and paths that try
to leave their folder, over sockets, so that no client mends what is wrong. Told are the statuses (0: the connection was
closed without one, as HTTP asks for what is no request), what was answered with 5xx, and the server's memory.
"""

import argparse
import io
import json
import os
import socket
import struct
import subprocess
import sys
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote_from_bytes

import numpy as np
from PIL import Image

TIMEOUT, PATIENCE = 20.0, 1.0  # seconds, and those that a request may be left unfinished
WARM = 500  # requests before memory is looked at: what is loaded at the first use stays
Draw = np.random.Generator
JSON = b"application/json"
ADDRESSES = (
    b"/v1/search", b"/v1/items", b"/v1/items/1", b"/v1/items/1/similar", b"/v1/items/1/words", b"/v1/items/1/explain",
    b"/v1/items/1/thumbnail", b"/v1/items/1/original", b"/v1/collections", b"/v1/collections/album/items", b"/v1/jobs",
    b"/v1/suggestions", b"/v1/runs", b"/v1/skipped", b"/v1/status", b"/", b"/more", b"/suggest", b"/library", b"/map",
    b"/library/folders",
)  # fmt: skip
BODIES = (b"/v1/search", b"/v1/imagine", b"/v1/index", b"/v1/studies", b"/login", b"/imagine", b"/library/index")
NAMES = (b"q", b"limit", b"offset", b"in", b"fold", b"label", b"path", b"date", b"size", b"pixels", b"sense", b"seed")
VALUES = (
    b"", b"NaN", b"-1", b"1e999", b"99999999999999999999999999", b"9223372036854775808", b"\x00", b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\xf0\x9f\x98", b"%", b"%zz", b"../../etc/passwd", b"'; DROP TABLE item; --", b"[" * 200, b"*" * 60,
    b"{" * 60 + b"}" * 60,
    b"{a,b}" * 40, b"@/etc/passwd", b"cat + @/etc/passwd", b"cat + @1e9", b"0*cat", b"a" * 3000, b"a" * 300, b"\x00/a",
    "é\u202e\u2028".encode(),
    b"9999-99-99", b"true", b"null", b"[]", b"1..", b"..", b"5XB..", b"-", b"+", b" + ", b'"', b'""', b"cat\r\nX-A: b",
)  # fmt: skip


def junk(draw: Draw, most: int = 200) -> bytes:
    """Return up to `most` random bytes."""
    return draw.bytes(int(draw.integers(0, most)))


def one_of(draw: Draw, values: tuple[bytes, ...]) -> bytes:
    return values[int(draw.integers(len(values)))]


def request(method: bytes, path: bytes, body: bytes = b"", kind: bytes = b"", more: bytes = b"") -> bytes:
    """Return a request as it goes over the wire."""
    told = b"Content-Type: " + kind + b"\r\n" if kind else b""
    length = b"Content-Length: %d\r\n" % len(body) if body else b""
    head = b" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
    return method + b" " + path + head + told + length + more + b"\r\n" + body


def bad_query(draw: Draw) -> bytes:
    """Parameters that cannot be, percent-encoded or not."""
    said = [one_of(draw, (*VALUES, junk(draw, 40))) for _ in range(int(draw.integers(1, 4)))]
    pairs = (one_of(draw, NAMES) + b"=" + quote_from_bytes(each).encode() for each in said)
    return request(b"GET", one_of(draw, ADDRESSES) + b"?" + b"&".join(pairs))


def bad_path(draw: Draw) -> bytes:
    """Paths that try to leave their folder, or name what cannot be."""
    parts = [one_of(draw, (b"..", b"%2e%2e", b"%2f", b"..%2f", b"%00", b"%5c", b"etc", b"passwd", b"1", b"-1",
    b"%ff", b"~"))
             for _ in range(int(draw.integers(1, 8)))]  # fmt: skip
    start = one_of(
        draw, (b"/static/", b"/v1/items/", b"/v1/collections/", b"/v1/jobs/", b"/pictures/", b"/study/", b"/")
    )
    return request(one_of(draw, (b"GET", b"DELETE", b"PUT", b"BREW")), start + b"/".join(parts))


def bad_json(draw: Draw) -> bytes:
    """Bodies that are no JSON, or not the JSON that is asked for."""
    value = one_of(draw, VALUES).decode("latin-1")
    wrong = {one_of(draw, (*NAMES, b"word", b"picture")).decode(): [value, value * 2][: int(draw.integers(1, 3))]}
    bodies = (
        junk(draw), json.dumps(wrong).encode(), json.dumps({"q": value, "limit": value}).encode(), b"[" * 5000, b"{",
        b'{"q": "\\ud800"}', b'{"q": "a\\u0000"}', b'{"q": NaN}', b'{"word": 1e400}', b"\xff\xfe{\x00}", b"null",
        b'"q"',
        json.dumps({"word": value, "seed": -1}).encode(), json.dumps({"path": value, "collection": "\0"}).encode(),
        json.dumps({"path": "../" * 9 + "etc", "labels": [value] * 20}).encode(),
    )  # fmt: skip
    return request(b"POST", one_of(draw, BODIES), one_of(draw, bodies), JSON)


def bad_form(draw: Draw) -> bytes:
    """Forms that are cut, lack what they need, or hold what is no picture."""
    data = one_of(draw, (b"", junk(draw, 2000), *PICTURES))
    name = one_of(draw, (b"a.png", b"../../x", b"\xff", b"a\x00b", b"a" * 500, b'"'))
    head = b'--b\r\nContent-Disposition: form-data; name="picture"; filename="' + name + b'"\r\n\r\n'
    whole = head + data + b"\r\n--b--\r\n"
    cut = whole[: int(draw.integers(0, len(whole)))]
    body = one_of(draw, (whole, cut, b"--b\r\n\r\n" + junk(draw), head * 50, junk(draw)))
    kind = one_of(
        draw,
        (b"multipart/form-data; boundary=b", b"multipart/form-data", b"multipart/form-data; boundary=" + b"x" * 200),
    )
    return request(b"POST", one_of(draw, (b"/v1/search", b"/pictures")), body, kind)


def bad_head(draw: Draw) -> bytes:
    """Requests whose lines and headers are junk."""
    more = one_of(draw, (
        b"Host: evil.example\r\n", b"Origin: null\r\n", b"Cookie: mindseye=\xff; \x7f\r\n",
        b"Authorization: Bearer \xff\r\n",
        b"X: " + b"a" * 20_000 + b"\r\n", b"X-A: b\r\n" * 200, b"Content-Length: -1\r\n",
        b"Content-Length: 99999999999\r\n",
        b"Transfer-Encoding: chunked\r\n", b"If-None-Match: \xff\xfe\r\n", b"Range: bytes=9-1,a-b\r\n",
        b"Expect: x\r\n",
    ))  # fmt: skip
    line = one_of(
        draw, (b"", b"GET", b"GET / HTTP/9.9", b"\x16\x03\x01\x02", junk(draw), b"GET " + b"/a" * 40_000 + b" HTTP/1.1")
    )
    whole = request(one_of(draw, (b"GET", b"POST", b"DELETE")), one_of(draw, ADDRESSES), b"", b"", more)
    return one_of(draw, (whole, line + b"\r\n\r\n"))


KINDS: tuple[Callable[[Draw], bytes], ...] = (bad_query, bad_path, bad_json, bad_form, bad_head)


def pictures() -> tuple[bytes, ...]:
    """Return pictures that are cut, lie, or would fill the memory."""
    buffer = io.BytesIO()
    Image.effect_noise((200, 200), 50).convert("RGB").save(buffer, "JPEG")
    jpeg = buffer.getvalue()
    return (
        jpeg[: len(jpeg) // 2], jpeg[:20], b"\xff\xd8" + bytes(5000), bomb(50_000, 50_000), bomb(1, 2**31 - 1),
        bomb(0, 0),
        bomb(9_000, 9_000), b"GIF89a" + b"\xff" * 500, b"RIFF\xff\xff\xff\xffWEBPVP8 " + bytes(50),
        b"II*\x00" + b"\xff" * 300,
        b"BM" + b"\xff" * 200, b"<svg onload=alert(1)>", b"%PDF-1.7", b"PK\x03\x04" + bytes(99),
    )  # fmt: skip


def bomb(width: int, height: int) -> bytes:
    """Return a PNG that claims many pixels and holds few."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(99))) + chunk(b"IEND", b"")


PICTURES = pictures()


def send(port: int, data: bytes) -> int:
    """Send bytes and return the status of the answer, 0 when there is none."""
    answer = b""
    with suppress(ConnectionError), socket.create_connection(("127.0.0.1", port), TIMEOUT) as connection:
        with suppress(ConnectionError):
            connection.sendall(data)
        connection.settimeout(PATIENCE)
        try:
            answer = connection.recv(64)
        except TimeoutError:  # the server waits for the rest of what was cut
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(TIMEOUT)
            answer = connection.recv(64)
    head = answer.split(b" ", 2)
    return int(head[1]) if len(head) > 1 and head[1].isdigit() else 0


def memory(process: int) -> float:
    """Return what a process holds in memory, in MB."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)


@contextmanager
def served() -> Iterator[tuple[int, int]]:
    """Yield process id and port of a service of a library of a few pictures."""
    main = [sys.executable, "-c", "from mindseye.api.cli import main; main()"]
    with TemporaryDirectory() as folder:
        root = Path(folder) / "photos"
        root.mkdir()
        for seed in range(8):
            noise = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), np.uint8)
            Image.fromarray(noise).resize((64, 64)).save(root / f"{seed}.png")
        told = {**os.environ, "MINDSEYE_LIBRARY": str(Path(folder) / "library")}
        subprocess.run(
            [*main, "index", str(root), "--collection", "album"], env=told, check=True, stdout=subprocess.DEVNULL
        )
        command = [*main, "serve", "--port", "0", "--root", str(root)]
        with subprocess.Popen(command, env=told, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            try:
                yield process.pid, int(process.stdout.readline().split()[2].rpartition(":")[2])
            finally:
                process.terminate()


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("-n", type=int, default=10_000, help="requests")
    asked.add_argument("--seed", type=int, default=0)
    given = asked.parse_args()
    draw, statuses, worst = np.random.default_rng(given.seed), Counter[int](), Counter[str]()
    with served() as (process, port):
        send(port, request(b"GET", b"/v1/search?q=cat"))
        before, began = 0.0, time.monotonic()
        for number in range(WARM + given.n):
            if number == WARM:
                before, statuses = memory(process), Counter()
            make = KINDS[number % len(KINDS)]
            data = make(draw)
            status = send(port, data)
            statuses[status] += 1
            if status >= 500:
                worst[make.__name__] += 1
                sys.stderr.write(f"{status}: {data[:300]!r}\n")
        after, alive = memory(process), send(port, request(b"GET", b"/health/ready"))
    json.dump(
        {
            "requests": given.n, "statuses": {str(key): statuses[key] for key in sorted(statuses)},
            "server_errors": sum(worst.values()), "by_kind": worst, "ready_after": alive == 200,
            "memory_mb": {"before": before, "after": after}, "seconds": round(time.monotonic() - began, 1),
        },
        sys.stdout, indent=2,
    )  # fmt: skip


if __name__ == "__main__":
    main()
