"""Forced-choice studies in a library: what is asked, by whose links, and every answer."""

from mindseye.indexer.studies.records import (
    Choice,
    Judgment,
    NewStudy,
    NewTrial,
    Plan,
    Rater,
    Shown,
    Sitting,
    Study,
    Trial,
)
from mindseye.indexer.studies.studies import Studies

__all__ = [
    "Choice",
    "Judgment",
    "NewStudy",
    "NewTrial",
    "Plan",
    "Rater",
    "Shown",
    "Sitting",
    "Studies",
    "Study",
    "Trial",
]
