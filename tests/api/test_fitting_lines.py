"""What `space fit` tells people of words told apart among held-out pictures."""

import pytest

from mindseye.api.fitting import FitReport, report_lines
from mindseye.engine.adaptation import Adaptation
from mindseye.engine.held_out import Figures, ToldApart
from mindseye.engine.mapping.adapt import Method


@pytest.mark.parametrize(("p", "sure"), [(0.3, "p = 0.300"), (None, "too few to tell")])
def test_words_told_apart_stand_beside_chance(p, sure):
    figures, apart = Figures(0.2, None, 0.9), ToldApart(0.31, 0.42, 0.33, p, 22)
    report = FitReport("land", None, Adaptation(figures, figures, apart, Method(), (0.6, 0.8), "no better", None))
    lines = report_lines(report)
    place = lines.index("words told apart among these 22 pictures alone:")
    assert lines[place + 1].split("pairs")[1].split() == f"0.310 before, 0.420 after; chance 0.330 ({sure})".split()
    assert report.as_dict()["told_apart"] == {"before": 0.31, "after": 0.42, "chance": 0.33, "p": p, "pictures": 22}
