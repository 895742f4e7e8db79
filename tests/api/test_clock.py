import time

from mindseye.api.clock import Clock


def test_parts_add_up_and_those_within_are_told_apart():
    clock = Clock()
    began = time.perf_counter()
    with clock("decide"):
        time.sleep(0.01)
        for _ in range(2):
            with clock("search"):
                time.sleep(0.02)
    took = 1000 * (time.perf_counter() - began)
    times = clock.times
    assert list(times) == ["search", "decide"] and times["search"] >= 40 and 10 <= times["decide"] < 40
    assert abs(sum(times.values()) - took) < 1
