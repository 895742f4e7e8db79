"""Who may ask: names, origins, tokens and cookies; and what every answer tells browsers."""

from collections.abc import Iterator

import pytest

from mindseye.api.client import Client
from mindseye.api.service.service import Service
from mindseye.engine.errors import UsageError
from tests.api.service.conftest import Running, run_in_thread
from tests.api.service.test_searching import refused

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
TOKEN = "correct-horse-battery"
PAGE = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture(scope="module")
def secret(served_eye, photos) -> Iterator[Running]:
    yield from run_in_thread(Service(served_eye, [photos], token=TOKEN, names=["eye.example"]), photos)


def status(client: Client, method: str, path: str, **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client._http.request(method, path, headers=named, follow_redirects=False).status_code


def test_only_its_own_names_are_answered(client, running):
    port = running.address.rpartition(":")[2]
    for name in (f"127.0.0.1:{port}", f"localhost:{port}", "LOCALHOST", "[::1]:80"):
        assert status(client, "GET", "/health/live", Host=name) == 200, name
    for name in ("evil.example", "127.0.0.1.evil.example", "localhost.evil", "", "[", "a@127.0.0.1b", "0.0.0.0"):
        answer = client._http.get("/v1/status", headers={"Host": name})
        assert answer.status_code in (400, 403), name


def test_other_pages_can_begin_nothing(client, running):
    own = {"Origin": running.address, "Sec_Fetch_Site": "same-origin"}
    assert status(client, "DELETE", "/v1/items/999999", **own) == 404  # it was let through
    assert status(client, "DELETE", "/v1/items/999999", Sec_Fetch_Site="none") == 404
    for headers in (
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": running.address.rpartition(":")[0] + ":1"},
        {"Origin": "http://["},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ):
        assert status(client, "DELETE", "/v1/items/999999", **headers) == 403, headers
        assert status(client, "POST", "/v1/doctor/repair", **headers) == 403, headers
    assert status(client, "GET", "/v1/status", Origin="http://evil.example") == 403


def test_nothing_is_allowed_across_origins(client, running):
    answer = client._http.options(
        "/v1/index", headers={"Origin": running.address, "Access-Control-Request-Method": "POST"}
    )
    assert answer.status_code == 405
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_every_answer_tells_browsers_what_it_is(client):
    for path in ("/", "/v1/status", "/v1/items/1/thumbnail", "/nowhere", "/v1/items/x"):
        headers = client._http.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "default-src" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert "set-cookie" not in headers and "server" not in headers


def test_without_the_token_nothing_is_told(secret):
    with secret.client() as nobody, secret.client(token="wrong") as wrong, secret.client(token=TOKEN) as known:
        for client in (nobody, wrong):
            told = refused(client.status)
            assert (told.status, told.code) == (401, "unauthorized")
            assert refused(client.imagine, "cat").status == 401
            for path in ("/openapi.json", "/metrics", "/v1/items/1/original", "/v1/jobs", "/v1/nowhere"):
                assert status(client, "GET", path) == 401, path
            assert client.is_ready()
        assert known.status().items > 10
        assert status(known, "GET", "/metrics") == 200
        assert status(nobody, "GET", "/v1/status", Authorization=TOKEN) == 401
        assert status(nobody, "GET", "/v1/status", Authorization=f"Basic {TOKEN}") == 401
        assert status(nobody, "GET", "/v1/status", Cookie="mindseye=" + TOKEN) == 401


def test_a_browser_signs_in(secret):
    with secret.client() as client:
        http = client._http
        answer = http.get("/library?x=1", headers=PAGE)
        assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2Flibrary%3Fx%3D1")
        assert 'name="token"' in http.get(answer.headers["location"]).text
        assert http.post("/login", data={"token": "wrong", "next": "/library"}).status_code == 401
        assert "mindseye" not in http.cookies
        answer = http.post("/login", data={"token": TOKEN, "next": "/library"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/library")
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie and "samesite=strict" in cookie and TOKEN not in cookie
        assert client.status().items > 10


@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "/\tx"])
def test_signing_in_leads_nowhere_else(secret, elsewhere):
    with secret.client() as client:
        answer = client._http.post("/login", data={"token": TOKEN, "next": elsewhere})
        assert answer.headers["location"] == "/"


def test_a_further_name_is_answered(secret):
    with secret.client(token=TOKEN) as client:
        assert status(client, "GET", "/v1/status", Host="eye.example") == 200
        assert status(client, "GET", "/v1/status", Host="other.example") == 403


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "eye.example"])
def test_no_service_for_others_without_a_token(served_eye, host):
    with pytest.raises(UsageError, match="no token"):
        Service(served_eye, host=host)
    Service(served_eye, host=host, token=TOKEN)


def test_a_token_must_fit_a_header(served_eye):
    for token in ("ä", "two words", "line\nbreak"):
        with pytest.raises(UsageError, match="header"):
            Service(served_eye, token=token)


def test_a_root_must_be_there(served_eye, tmp_path):
    with pytest.raises(UsageError, match="no such folder"):
        Service(served_eye, [tmp_path / "nowhere"])
