"""Jobs: one after another of a kind, side by side of two, stopped where they tell how far they are."""

import threading
from time import monotonic, sleep

import pytest

from mindseye.api.service.jobs import BusyError, Job, Jobs
from mindseye.engine.errors import NotFoundError, UsageError

SECONDS = 10


def until(state: str, job: Job) -> Job:
    end = monotonic() + SECONDS
    while job.state != state and monotonic() < end:
        sleep(0.005)
    assert job.state == state
    return job


def until_changed(job: Job, version: int) -> None:
    end = monotonic() + SECONDS
    while job.version < version + 2 and monotonic() < end:
        sleep(0.005)
    assert job.version >= version + 2


@pytest.fixture
def jobs():
    made = Jobs(waiting=2)
    yield made
    made.close()
    assert made.join(SECONDS)


def test_a_job_is_done_and_told(jobs):
    def work(job: Job) -> dict[str, int]:
        job.tell(1, 2, skipped=3)
        return {"made": 1}

    told = until("done", jobs.start("a", work, {"word": "cat"})).as_dict()
    assert (told["result"], told["done"], told["total"], told["what"]) == ({"made": 1}, 1, 2, {"skipped": 3})
    assert told["about"] == {"word": "cat"} and told["started_at"] <= told["ended_at"] and told["error"] is None


def test_one_kind_runs_in_order_and_two_side_by_side(jobs):
    gate, order = threading.Event(), []
    first = jobs.start("a", lambda job: (gate.wait(SECONDS), order.append(1)), {})
    second = jobs.start("a", lambda job: order.append(2), {})
    other = jobs.start("b", lambda job: order.append(3), {})
    until("done", other)
    assert (first.state, second.state, order) == ("running", "waiting", [3])
    gate.set()
    until("done", second)
    assert order == [3, 1, 2]
    assert [each.id for each in jobs.all()] == [other.id, second.id, first.id]


def test_a_running_job_stops_where_it_tells(jobs):
    begun, kept = threading.Event(), []

    def work(job: Job) -> None:
        for number in range(10_000):
            kept.append(number)
            begun.set()
            sleep(0.001)
            job.tell(number, 10_000)

    job = jobs.start("a", work, {})
    begun.wait(SECONDS)
    job.cancel()
    until("stopped", job)
    assert kept and len(kept) < 10_000 and job.error is None
    until("done", jobs.start("a", lambda job: None, {}))  # its thread goes on


def test_a_waiting_job_never_begins(jobs):
    gate, begun = threading.Event(), []
    jobs.start("a", lambda job: gate.wait(SECONDS), {})
    waiting = jobs.start("a", lambda job: begun.append(1), {})
    waiting.cancel()
    assert waiting.state == "stopped"
    gate.set()
    until("done", jobs.start("a", lambda job: None, {}))
    assert not begun


def test_a_job_of_two_stops_when_both_let_go(jobs):
    job = until("running", jobs.start("a", _for_ever, {}))
    assert job.hold()
    job.let_go()
    told = job.version
    until_changed(job, told)
    assert job.state == "running"
    job.let_go()
    assert not job.hold()  # it is being stopped: who comes now needs another
    until("stopped", job)
    job.let_go()
    assert job.state == "stopped" and not job.hold()


def test_a_failed_job_tells_why_and_the_next_runs(jobs, caplog):
    def refuse(job: Job) -> None:
        raise UsageError("no such thing", "ask for another")

    told = until("failed", jobs.start("a", refuse, {}))
    assert told.error == {"code": "usage", "message": "no such thing", "hint": "ask for another"}
    broken = until("failed", jobs.start("a", lambda job: 1 // 0, {}))
    assert broken.error["code"] == "internal" and "Zero" not in str(broken.error)
    assert "ZeroDivisionError" in caplog.text
    until("done", jobs.start("a", lambda job: None, {}))


def test_no_more_wait_than_may(jobs):
    gate = threading.Event()
    until("running", jobs.start("a", lambda job: gate.wait(SECONDS), {}))
    for _ in range(2):
        jobs.start("a", lambda job: None, {})
    with pytest.raises(BusyError):
        jobs.start("a", lambda job: None, {})
    jobs.start("b", lambda job: None, {})  # another kind has room
    gate.set()


def test_closed_ends_all_and_takes_no_more(jobs):
    running = until("running", jobs.start("a", _for_ever, {}))
    waiting = jobs.start("a", _for_ever, {})
    jobs.close()
    assert jobs.join(SECONDS)
    assert (running.state, waiting.state) == ("stopped", "stopped")
    with pytest.raises(BusyError):
        jobs.start("a", lambda job: None, {})


def test_ended_jobs_are_forgotten_the_oldest_first(jobs):
    from mindseye.api.service.jobs import KEPT

    made = [until("done", jobs.start("a", lambda job: None, {})) for _ in range(KEPT + 5)]
    assert len(jobs.all()) == KEPT + 1  # those that had ended when the last one came, and it
    with pytest.raises(NotFoundError):
        jobs.get(made[0].id)
    assert jobs.get(made[-1].id) is made[-1]


def _for_ever(job: Job) -> None:
    while True:
        sleep(0.005)
        job.tell(0, 0)
