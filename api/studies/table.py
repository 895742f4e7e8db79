"""Every judgment as a row, with all that is needed to analyse it anew."""

import csv
import io
from collections.abc import Iterable

from mindseye.api.studies.results import study_results
from mindseye.indexer.studies import Judgment, Rater, Studies, Study, Trial

COLUMNS = (
    "study", "question", "confounders", "rater", "rater_flagged", "agreed_at", "position", "trial", "kind", "word",
    "category", "options", "answer", "chosen", "right", "places", "answer_place", "chosen_place", "response_ms",
    "answered_at", "picture_items", "picture_origins", "picture_sha256",
)  # fmt: skip
_JOINT = "|"  # between several values in one cell


def judgments_csv(studies: Studies, name: str) -> str:
    """Return a study's judgments as CSV, checks of attention among them, one a row. Raises NotFoundError.

    options: in the study's order; places: the same as the rater saw them, from left to right or top to bottom;
    answer_place, chosen_place: counted from 0 in that order; position: in the rater's own order, from 0; agreed_at:
    when the rater gave their consent, empty where none was asked.
    """
    study = studies.get(name)
    trials, raters = studies.trials(study), {each.number: each for each in studies.raters(study)}
    flagged = {each.number: each.flagged for each in study_results(studies, name).raters}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for each in studies.judgments(study):
        writer.writerow(_row(study, trials[each.trial], raters[each.rater], flagged[each.rater], each))
    return text.getvalue()


def _row(study: Study, trial: Trial, rater: Rater, flagged: bool, judgment: Judgment) -> list[object]:
    places = rater.plan[judgment.position].places
    return [
        study.name, study.question, study.confounders or "", rater.number, int(flagged), rater.agreed or "",
        judgment.position, trial.number, trial.kind, _plain(trial.word), _plain(trial.category or ""),
        _joined(trial.options), _plain(trial.options[trial.answer]), _plain(trial.options[judgment.chosen]),
        int(judgment.chosen == trial.answer), _joined(trial.options[each] for each in places), judgment.side,
        places.index(judgment.chosen), "" if judgment.response_ms is None else judgment.response_ms, judgment.created,
        _joined("" if each.item_id is None else str(each.item_id) for each in trial.pictures),
        _joined(each.origin for each in trial.pictures), _joined(each.content for each in trial.pictures),
    ]  # fmt: skip


def _joined(values: Iterable[str]) -> str:
    return _plain(_JOINT.join(values))


def _plain(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
