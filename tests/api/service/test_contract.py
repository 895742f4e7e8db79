"""What OpenAPI promises: examples on every route, answers of those shapes, and no 500 whatever is asked."""

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from pydantic import TypeAdapter
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from mindseye.api.mindseye import Mindseye
from mindseye.api.service import shapes
from mindseye.api.service.app import create_app
from mindseye.api.service.examples import example
from mindseye.api.service.limits import Limits
from mindseye.api.service.service import Service
from mindseye.indexer import records

CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance, status_code_conformance]
HOST = {"Host": "127.0.0.1"}
METHODS = ("get", "post", "put", "patch", "delete")
OF_EXAMPLES = {
    "search": shapes.SearchAnswer, "similar": shapes.SearchAnswer, "words": shapes.SearchAnswer,
    "suggestions": list[shapes.SuggestionTold], "items": shapes.ItemList, "item": shapes.ItemTold,
    "removed": shapes.Removed, "explain": shapes.ProvenanceTold, "collections": list[records.Collection],
    "job": shapes.JobTold, "jobs": list[shapes.JobTold], "status": records.Status, "runs": list[records.Run],
    "skipped": list[records.Skip], "spaces": list[shapes.SpaceTold], "doctor": shapes.DoctorReport,
}  # fmt: skip


@pytest.fixture(scope="module")
def app(pocket, photos, tmp_path_factory) -> Iterator[object]:
    """An app whose library and folder anything may be done to."""
    root = tmp_path_factory.mktemp("contract")
    with Mindseye(root / "library", pocket, "pytest") as eye:
        eye.index([photos / "album" / "cat.png", photos / "album" / "notes.txt"])
        service = Service(eye, [photos], Limits(jobs=2))
        service.warm()
        yield create_app(service)
        service.stop()


def operations(app) -> list[tuple[str, str, dict]]:
    paths = app.openapi()["paths"]
    return [(path, method, told) for path, each in paths.items() for method, told in each.items() if method in METHODS]


def test_every_route_has_an_example(app):
    lacking = []
    for path, method, told in operations(app):
        good = [answer for status, answer in told["responses"].items() if status.startswith("2")]
        contents = [content for answer in good for content in answer.get("content", {}).values()]
        if not contents or not all("example" in content or "examples" in content for content in contents):
            lacking.append((method, path))
        assert told["summary"] and told["description"] and told["tags"]
        assert {"4XX"} <= set(told["responses"]), path
    assert not lacking


def test_every_body_and_required_parameter_has_an_example(app):
    whole = app.openapi()["components"]["schemas"]
    lacking = []
    for path, method, told in operations(app):
        asked = [each for each in told.get("parameters", []) if each["required"]]
        for each in (*asked, *told.get("requestBody", {}).get("content", {}).values()):
            named = each["schema"].get("$ref", "").rpartition("/")[2]
            if not any(place.get("examples") for place in (each, each["schema"], whole.get(named, {}))):
                lacking.append((method, path, each.get("name", "body")))
    assert not lacking


@pytest.mark.parametrize("name", OF_EXAMPLES)
def test_examples_have_the_shapes_that_they_show(name):
    told = example(name)[200]["content"]["application/json"]["example"]
    TypeAdapter(OF_EXAMPLES[name]).validate_python(told, strict=False)


def fuzzed(app, count: int) -> None:
    """Ask all that the schema allows, and some that it does not."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", app, headers=HOST)
    few = settings(
        max_examples=count, deadline=None, database=None, derandomize=True,
        phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path.endswith("/events"):
            continue  # a stream that ends with its job: test_work.py follows it

        @few
        @given(case=operation.as_strategy())
        def ask(case) -> None:
            case.call_and_validate(checks=CHECKS, headers=HOST)

        ask()


def test_no_question_breaks_it(app):
    fuzzed(app, 3)


@pytest.mark.slow
def test_no_question_breaks_it_however_long_one_asks(app):
    fuzzed(app, 200)
