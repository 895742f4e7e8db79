"""A typed client of the HTTP service."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
from pydantic import TypeAdapter

from mindseye.api.service.shapes import (
    DoctorReport,
    ErrorAnswer,
    ItemList,
    ItemTold,
    JobTold,
    ProvenanceTold,
    Removed,
    SearchAnswer,
    SpaceTold,
    SuggestionTold,
)
from mindseye.api.service.study_shapes import LinkTold, StudyResultsTold, StudyTold
from mindseye.engine.errors import MindseyeError
from mindseye.indexer.records import Collection, Run, Skip, Status

T = TypeVar("T")


class ServiceError(MindseyeError):
    """The service refused; `status` is HTTP's, `code` the service's."""

    def __init__(self, status: int, code: str, what: str, hint: str) -> None:
        super().__init__(what, hint)
        self.status = status
        self.code = code


@dataclass(frozen=True)
class Event:
    """What a job told: `name` is progress, picture or end; data: JSON values."""

    name: str
    data: dict[str, Any]


class Client:
    """Asks one service; every method raises ServiceError where that refuses, and httpx's errors where none answers.

    filters: keyword arguments named as the parameters of `GET /v1/search`, such as `limit`, `collection`, `label`;
    `in` is spelt `among`.
    """

    def __init__(
        self,
        address: str = "http://127.0.0.1:8765",
        token: str = "",
        transport: httpx.BaseTransport | None = None,
        timeout: float = 30.0,
    ) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.Client(base_url=address, headers=headers, transport=transport, timeout=timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def is_ready(self) -> bool:
        """Return whether searches can be answered."""
        return self._http.get("/health/ready").status_code == httpx.codes.OK

    def search(self, q: str, **filters: Any) -> SearchAnswer:
        """Search by words and sums; with `imagine="auto"` the answer's job imagines what no picture shows."""
        return self._get(SearchAnswer, "/v1/search", _spelt({"q": q, **filters}))

    def search_picture(self, picture: Path | bytes, **filters: Any) -> SearchAnswer:
        """Search by a picture, given by its file or its bytes."""
        name, data = (picture.name, picture.read_bytes()) if isinstance(picture, Path) else ("picture", picture)
        fields = {key: str(value) for key, value in _spelt(filters).items()}
        return self._ask(SearchAnswer, "POST", "/v1/search", files={"picture": (name, data)}, data=fields)

    def similar(self, item_id: int, **filters: Any) -> SearchAnswer:
        """Search by an item."""
        return self._get(SearchAnswer, f"/v1/items/{item_id}/similar", _spelt(filters))

    def words(self, item_id: int, limit: int = 10) -> SearchAnswer:
        """Tell the words of a picture."""
        return self._get(SearchAnswer, f"/v1/items/{item_id}/words", {"limit": limit})

    def suggestions(self, typed: str) -> list[SuggestionTold]:
        """Tell words that what is typed may become."""
        return self._get(list[SuggestionTold], "/v1/suggestions", {"q": typed})

    def items(self, **filters: Any) -> ItemList:
        """List items; modality, order and filters as `GET /v1/items` takes them."""
        return self._get(ItemList, "/v1/items", filters)

    def item(self, item_id: int) -> ItemTold:
        """Tell what is known of an item."""
        return self._get(ItemTold, f"/v1/items/{item_id}")

    def explain(self, item_id: int) -> ProvenanceTold:
        """Tell where an item came from."""
        return self._get(ProvenanceTold, f"/v1/items/{item_id}/explain")

    def thumbnail(self, item_id: int) -> bytes:
        """Return an item's small picture, a JPEG."""
        return self._sent("GET", f"/v1/items/{item_id}/thumbnail").content

    def original(self, item_id: int) -> bytes:
        """Return an item's file."""
        return self._sent("GET", f"/v1/items/{item_id}/original").content

    def remove(self, item_id: int) -> int:
        """Take an item out of the library."""
        return self._ask(Removed, "DELETE", f"/v1/items/{item_id}").removed

    def collections(self) -> list[Collection]:
        """List the collections."""
        return self._get(list[Collection], "/v1/collections")

    def collection(self, name: str, **filters: Any) -> ItemList:
        """List what a collection holds."""
        return self._get(ItemList, f"/v1/collections/{name}/items", filters)

    def remove_collection(self, name: str) -> int:
        """Take a collection out of the library."""
        return self._ask(Removed, "DELETE", f"/v1/collections/{name}").removed

    def imagine(self, word: str, **wish: Any) -> JobTold:
        """Begin to imagine; wish: means, sense, seed, size, method."""
        return self._ask(JobTold, "POST", "/v1/imagine", json={"word": word, **wish})

    def index(
        self, path: str | None = None, collection: str = "default", labels: Sequence[str] | None = None
    ) -> JobTold:
        """Begin to index what lies at a path inside a root of the service."""
        asked = {"path": path, "collection": collection, "labels": None if labels is None else list(labels)}
        return self._ask(JobTold, "POST", "/v1/index", json=asked)

    def repair(self) -> JobTold:
        """Begin to mend the library."""
        return self._ask(JobTold, "POST", "/v1/doctor/repair")

    def jobs(self) -> list[JobTold]:
        """List the jobs, newest first."""
        return self._get(list[JobTold], "/v1/jobs")

    def job(self, job_id: str) -> JobTold:
        """Tell how far a job is."""
        return self._get(JobTold, f"/v1/jobs/{job_id}")

    def cancel(self, job_id: str) -> JobTold:
        """Cancel a job."""
        return self._ask(JobTold, "DELETE", f"/v1/jobs/{job_id}")

    def follow(self, job_id: str) -> Iterator[Event]:
        """Yield what a job tells, as it does, up to its end."""
        with self._http.stream("GET", f"/v1/jobs/{job_id}/events", timeout=None) as answer:
            if answer.is_error:
                answer.read()
            _checked(answer)
            name = ""
            for line in answer.iter_lines():
                field, _, value = line.partition(": ")
                if field == "event":
                    name = value
                elif field == "data":
                    yield Event(name, TypeAdapter(dict[str, Any]).validate_json(value))

    def wait(self, job: JobTold) -> JobTold:
        """Return a job once it has ended."""
        for event in self.follow(job.id):
            if event.name == "end":
                return JobTold.model_validate(event.data)
        return self.job(job.id)

    def studies(self) -> list[StudyTold]:
        """List the studies, the oldest first."""
        return self._get(list[StudyTold], "/v1/studies")

    def make_study(self, name: str, words: Sequence[str], **wish: Any) -> JobTold:
        """Begin to make a study; wish: as `POST /v1/studies` takes it, such as `question`, `raters`, `consent`."""
        return self._ask(JobTold, "POST", "/v1/studies", json={"name": name, "words": list(words), **wish})

    def study_links(self, name: str) -> list[LinkTold]:
        """List a study's links, one for each rater."""
        return self._get(list[LinkTold], f"/v1/studies/{name}/links")

    def study_results(self, name: str, attentive: bool = False) -> StudyResultsTold:
        """Tell what a study found, of all raters or of the attentive alone."""
        return self._get(StudyResultsTold, f"/v1/studies/{name}/results", {"attentive": attentive})

    def study_csv(self, name: str) -> str:
        """Return every judgment of a study as CSV, one a row."""
        return self._sent("GET", f"/v1/studies/{name}/judgments.csv").text

    def status(self) -> Status:
        """Tell what the library holds."""
        return self._get(Status, "/v1/status")

    def runs(self, limit: int = 20) -> list[Run]:
        """List what was done to the library, newest first."""
        return self._get(list[Run], "/v1/runs", {"limit": limit})

    def skipped(self, limit: int = 100) -> list[Skip]:
        """List what could not be taken."""
        return self._get(list[Skip], "/v1/skipped", {"limit": limit})

    def spaces(self) -> list[SpaceTold]:
        """List the joint spaces."""
        return self._get(list[SpaceTold], "/v1/spaces")

    def doctor(self) -> DoctorReport:
        """Tell whether the library is sound."""
        return self._get(DoctorReport, "/v1/doctor")

    def _get(self, shape: type[T], path: str, asked: dict[str, Any] | None = None) -> T:
        return self._ask(shape, "GET", path, params=asked)

    def _ask(self, shape: type[T], method: str, path: str, **sent: Any) -> T:
        return TypeAdapter(shape).validate_json(self._sent(method, path, **sent).content)

    def _sent(self, method: str, path: str, **sent: Any) -> httpx.Response:
        return _checked(self._http.request(method, path, **sent))


def _spelt(filters: dict[str, Any]) -> dict[str, Any]:
    """Return filters as the service spells them: `in` is a word of Python's own."""
    return {("in" if name == "among" else name): value for name, value in filters.items() if value is not None}


def _checked(answer: httpx.Response) -> httpx.Response:
    """Return an answer that is one. Raises ServiceError."""
    if answer.is_success:
        return answer
    try:
        error = ErrorAnswer.model_validate_json(answer.content).error
    except ValueError:  # not the service, but what stands before it
        raise ServiceError(answer.status_code, "error", answer.text[:200], "") from None
    raise ServiceError(answer.status_code, error.code, error.message, error.hint)
