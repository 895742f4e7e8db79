"""What is refused, and how: too much, too large, too many, and what no answer can hold."""

import io
import socket
import struct
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event
from time import monotonic

import pytest
from PIL import Image

from mindseye.api.service.limits import Limits
from mindseye.api.service.service import Service
from tests.api.service.conftest import Running, run_in_thread

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def small(served_eye, photos) -> Iterator[Running]:
    """A service with narrow bounds."""
    limits = Limits(upload=50_000, body=10_000, pixels=40_000, searches=2, jobs=1)
    yield from run_in_thread(Service(served_eye, [photos], limits), photos)


@pytest.fixture(scope="module")
def hasty(served_eye, photos) -> Iterator[Running]:
    """A service with a token that waits only shortly for bodies, and takes few requests of anybody."""
    limits = Limits(patience=1.0, steadily=1_000_000, public=2, others=2)
    yield from run_in_thread(Service(served_eye, [photos], limits, token="abc"), photos)


@pytest.fixture
def http(running):
    with running.client() as client:
        yield client._http


def code(answer) -> str:
    told = answer.json()["error"]
    assert set(told) == {"code", "message", "hint"} and told["message"]
    return told["code"]


@pytest.mark.parametrize(
    "query",
    [
        "q=", "q=%20", "q=cat&limit=0", "q=cat&limit=501", "q=cat&limit=nan", "q=cat&limit=1e3", "q=cat&offset=-1",
        "q=cat&offset=99999999999999999999999", "q=cat&fold=nan", "q=cat&fold=inf", "q=cat&fold=0", "q=cat&fold=1.1",
        "q=cat&sense=0", "q=cat&sense=9223372036854775808", "q=cat&seed=-1", "q=cat&imagine=perhaps", "q=cat&in=smells",
        "q=cat&in=", "q=a%00b", "q=cat&path=%00", "q=cat&collection=%00", "q=cat&label=%00", "q=cat&means=%00",
        "q=cat&nonsense=1", "q=cat&size=99999999999999999999999999GB", "q=cat&date=9999-99", "q=cat&pixels=-1..5",
        "q=cat&origin=dreamt", "q=" + "x" * 2001, "q=cat&path=" + "*a" * 9, "q=cat&by_modality=perhaps", "", "limit=5",
        "q=cat+%2B+@", "q=0*cat", "q=" + "cat+%2B+" * 20 + "dog",
    ],
)  # fmt: skip
def test_questions_that_cannot_be(http, query):
    answer = http.get(f"/v1/search?{query}")
    assert 400 <= answer.status_code < 500 and code(answer) in ("usage", "invalid")


def test_bytes_that_are_no_text_are_refused_or_replaced(http):
    for raw in (b"\xff\xfe", b"\xed\xa0\x80", b"cat\xff"):
        answer = http.get(httpx_url(http, b"/v1/search?q=" + b"".join(b"%%%02x" % byte for byte in raw)))
        assert answer.status_code in (200, 400, 422)


def httpx_url(http, raw: bytes):
    return http.base_url.copy_with(raw_path=raw)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b"1", b'"q"', b"\xff\xfe", b'{"q": 1}', b'{"q": ["cat"]}', b'{"q": "\\ud800"}',
        b'{"q": "a\\u0000b"}', b'{"q": "cat", "limit": NaN}', b'{"q": "cat", "limit": 1e400}',
        b'{"q": "cat", "limit": 1.5}',
        b'{"q": "cat", "fold": Infinity}', b'{"q": "cat", "seed": 4294967296}', b'{"q": "cat", "more": 1}', b"[" * 9000,
        b'{"q": "cat", "label": "photo"}', b'{"q": "cat", "label": ["' + b'a","' * 20 + b'"]}',
    ],
)  # fmt: skip
def test_bodies_that_cannot_be(http, body):
    answer = http.post("/v1/search", content=body, headers=JSON)
    assert 400 <= answer.status_code < 500 and code(answer)


def test_a_form_without_what_it_needs(http):
    for fields in ({}, {"limit": "5"}, {"picture": "no file"}):
        answer = http.post("/v1/search", files={"other": ("a", b"b")}, data=fields)
        assert answer.status_code == 422, fields
    for kind in ("multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=x"):
        assert http.post("/v1/search", content=b"--y\r\n", headers={"Content-Type": kind}).status_code in (400, 422)


def test_too_much_is_refused_whether_its_length_is_told_or_not(small):
    with small.client() as client:
        for name, kind in (("/v1/search", "application/json"), ("/v1/imagine", "application/json")):
            body = b'{"q": "' + b"x" * 20_000 + b'"}'
            for content in (body, iter([body[:5000], body[5000:]])):
                answer = client._http.post(name, content=content, headers={"Content-Type": kind})
                assert (answer.status_code, code(answer)) == (413, "too_large")
        answer = client._http.post("/v1/search", files={"picture": ("a.png", b"\x89PNG" + b"x" * 60_000)})
        assert (answer.status_code, code(answer)) == (413, "too_large")


def test_pictures_of_too_many_pixels_are_refused_before_they_are_decoded(small, http):
    buffer = io.BytesIO()
    Image.new("L", (300, 300)).save(buffer, "PNG")
    with small.client() as client:
        answer = client._http.post("/v1/search", files={"picture": ("a.png", buffer.getvalue())})
        assert (answer.status_code, code(answer)) == (413, "too_large")
    answer = http.post("/v1/search", files={"picture": ("bomb.png", bomb(60_000))})
    assert (answer.status_code, code(answer)) == (413, "too_large")


def bomb(side: int) -> bytes:
    """Return the head of a PNG that claims side × side pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")


def test_more_searches_than_may_run_are_told_to_come_again(small, monkeypatch):
    go, eye = Event(), small.service.eye
    search = eye.search
    monkeypatch.setattr(eye, "search", lambda *a, **k: (go.wait(20), search(*a, **k))[1])
    with small.client() as client, ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(client._http.get, "/v1/search?q=cat") for _ in range(6)]
        while sum(each.done() for each in asked) < 4:
            pass
        assert client._http.get("/v1/status").status_code == 200  # others have room
        assert client._http.get("/health/ready").status_code == 200
        go.set()
        answers = [each.result() for each in asked]
    refused = [each for each in answers if each.status_code == 429]
    assert len(refused) == 4 and {each.status_code for each in answers} == {200, 429}
    assert all(each.headers["retry-after"] == "1" and code(each) == "busy" for each in refused)


def unfinished(running: Running, path: str, more: str = "") -> socket.socket:
    """Return a connection on which a body was announced that does not come."""
    host, port = running.address.removeprefix("http://").split(":")
    connection = socket.create_connection((host, int(port)), 20)
    form = "Content-Type: application/x-www-form-urlencoded"
    connection.sendall(f"POST {path} HTTP/1.1\r\nHost: {host}\r\n{form}\r\n{more}".encode())
    connection.sendall(b"Content-Length: 9000\r\n\r\ntoken=")
    return connection


def test_silent_bodies_end_and_take_no_room_from_others(hasty):
    silent = [unfinished(hasty, "/login") for _ in range(2)]
    with hasty.client(token="abc") as client:
        while client._http.get("/login").status_code != 429:
            pass
        assert client._http.get("/v1/status").status_code == 200  # the rest has room of its own
        for each in silent:
            with each, each.makefile("rb") as answer:
                told = answer.read()  # to its end: the connection is closed
            assert told.startswith(b"HTTP/1.1 408 ") and b"too_slow" in told
        assert client._http.get("/login").status_code == 200


def test_a_body_that_trickles_ends_too(hasty):
    with unfinished(hasty, "/v1/imagine", "Authorization: Bearer abc\r\n") as trickling:
        trickling.settimeout(0.2)
        until, told = monotonic() + 15, b""
        while not told and monotonic() < until:
            trickling.sendall(b"x")
            with suppress(TimeoutError):
                told = trickling.recv(100)
    assert told.startswith(b"HTTP/1.1 408 ")


def test_a_head_has_an_end(http):
    assert http.get("/health/live", headers={"X": "a" * 30_000}).status_code == 200
    assert http.get("/health/live", headers={"X": "a" * 100_000}).status_code == 400


def test_more_jobs_than_may_wait_are_refused(small):
    gate, jobs = Event(), small.service.jobs
    jobs.start("imagine", lambda job: gate.wait(20), {})
    with small.client() as client:
        answers = [client._http.post("/v1/imagine", json={"word": "cat", "seed": seed}) for seed in range(4)]
        assert [each.status_code for each in answers][-1] == 429 and code(answers[-1]) == "busy"
        for job in jobs.all():
            job.cancel()
        gate.set()


def test_paths_that_lead_nowhere(http):
    inside = [
        "/v1/items/x",
        "/v1/items/-1",
        "/v1/items/99999999999999999999",
        "/v1/jobs/x",
        "/v1/jobs/%00",
        "/v1/nowhere",
    ]
    outside = [
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2f..%2fservice/app.py",
        "/pictures/..%2f..%2fetc",
    ]
    for path in (*inside, *outside, "/v1/nowhere", "/v1/collections/%00/items", "/v1/items/1/../../../etc/passwd"):
        answer = http.get(path)
        assert 400 <= answer.status_code < 500, path
    for method in ("PUT", "PATCH", "TRACE", "BREW"):
        answer = http.request(method, "/v1/status")
        assert (answer.status_code, code(answer)) == (405, "method_not_allowed")


def test_what_goes_wrong_here_is_told_by_a_number_and_logged(running, http, monkeypatch, caplog):
    monkeypatch.setattr(running.service.eye, "status", lambda: 1 // 0)
    answer = http.get("/v1/status")
    assert (answer.status_code, code(answer)) == (500, "internal")
    number = answer.json()["error"]["message"].partition("error ")[2][:8]
    assert "ZeroDivisionError" in caplog.text and number in caplog.text and "Zero" not in answer.text


def test_prometheus_is_told(http):
    http.get("/v1/status")
    http.get("/v1/no/such/route")
    told = http.get("/metrics").text
    assert 'mindseye_requests_total{method="GET",route="/v1/status",status="200"}' in told
    assert "/v1/no/such/route" not in told  # addresses that anybody may make up are counted as one
    assert 'mindseye_request_seconds_bucket{le="0.025",route="/v1/search"}' in told
