"""The lock that searches share and a change has alone."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, Thread

import pytest

from mindseye.indexer.index.lock import SharedLock

SOON = 5.0  # seconds; all but a failure takes a thousandth of it


@pytest.fixture
def lock():
    return SharedLock()


def in_thread(context, entered, leave):
    def hold():
        with context:
            entered.set()
            leave.wait(SOON)

    thread = Thread(target=hold)
    thread.start()
    return thread


def test_readers_are_in_at_once(lock):
    together = Barrier(3, timeout=SOON)

    def read():
        with lock.shared():
            together.wait()
        return True

    with ThreadPoolExecutor(3) as pool:
        assert all(pool.map(lambda _: read(), range(3)))


def test_a_writer_waits_for_readers_and_goes_before_those_that_come_later(lock):
    writing, written, reading, read = Event(), Event(), Event(), Event()
    with lock.shared():
        assert lock.is_mine
        writer = in_thread(lock.alone(), writing, written)
        while not lock._waiting:
            pass
        reader = in_thread(lock.shared(), reading, read)
        with lock.shared():  # who reads already is not kept out by who waits
            assert not writing.wait(0.02) and not reading.is_set()
    assert writing.wait(SOON) and not reading.wait(0.02)
    written.set()
    assert reading.wait(SOON) and not lock.is_mine
    read.set()
    writer.join(SOON)
    reader.join(SOON)


def test_writers_go_one_at_a_time_and_an_error_lets_the_next_in(lock):
    inside = []

    def write(number):
        with pytest.raises(ZeroDivisionError), lock.alone():
            inside.append(number)
            assert len(inside) == 1
            inside.remove(number)
            raise ZeroDivisionError
        return number

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(write, range(200))) == list(range(200))
