"""Studies as rows: put in, counted, read back."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, func, insert, select
from sqlalchemy.orm import Session

from mindseye.indexer import models
from mindseye.indexer.models import now
from mindseye.indexer.studies.records import (
    ATTENTION,
    Choice,
    Judgment,
    NewStudy,
    NewTrial,
    Plan,
    Rater,
    Shown,
    Study,
    Trial,
)


def put_study(session: Session, new: NewStudy) -> int:
    """Put in a study with its trials and return its id."""
    study = models.Study(
        name=new.name,
        question=new.question,
        confounders=new.confounders,
        seed=new.seed,
        attention_limit=new.attention_limit,
        instructions=new.instructions,
        consent=new.consent,
        settings=new.settings,
        created=now(),
    )
    session.add(study)
    session.flush()
    rows = [{"study_id": study.id, "number": number, **_trial_row(each)} for number, each in enumerate(new.trials)]
    session.execute(insert(models.Trial), rows)
    return study.id


def put_raters(session: Session, study_id: int, plans: Sequence[Plan], tokens: Sequence[str]) -> None:
    """Put in one rater for each plan, numbered on from those there are."""
    mine = models.Rater.study_id == study_id
    first = 1 + (session.scalar(select(func.max(models.Rater.number)).where(mine)) or 0)
    rows = [
        {
            "study_id": study_id,
            "number": number,
            "token": token,
            "plan": [[each.trial, *each.places] for each in plan],
            "created": now(),
        }
        for number, (plan, token) in enumerate(zip(plans, tokens, strict=True), first)
    ]
    session.execute(insert(models.Rater), rows)


def studies(session: Session, *which: ColumnElement[bool]) -> list[Study]:
    """Return studies with their counts, the oldest first."""
    trial, rater, judgment = models.Trial, models.Rater, models.Judgment
    trials = select(func.count()).where(trial.study_id == models.Study.id)
    checks = trials.where(trial.kind == ATTENTION)
    raters = select(func.count()).where(rater.study_id == models.Study.id)
    answers = select(func.count()).select_from(judgment).join(rater).where(rater.study_id == models.Study.id)
    own = select(func.count()).where(judgment.rater_id == rater.id).correlate(rater).scalar_subquery()
    finished = raters.where(own >= trials.correlate(models.Study).scalar_subquery())
    counts = [each.scalar_subquery() for each in (trials, checks, raters, finished, answers)]
    query = select(models.Study, *counts).where(*which).order_by(models.Study.id)
    return [_study(row, *numbers) for row, *numbers in session.execute(query)]


def trials(session: Session, study_id: int) -> list[Trial]:
    """Return a study's trials by number."""
    query = select(models.Trial).where(models.Trial.study_id == study_id).order_by(models.Trial.number)
    return [_trial(row) for row in session.scalars(query)]


def trial(session: Session, study_id: int, number: int) -> Trial:
    """Return one trial, which must exist."""
    mine = models.Trial.study_id == study_id, models.Trial.number == number
    return _trial(session.scalars(select(models.Trial).where(*mine)).one())


def raters(session: Session, *which: ColumnElement[bool]) -> list[Rater]:
    """Return raters, with how much they have answered, by number."""
    answered = select(func.count()).where(models.Judgment.rater_id == models.Rater.id).scalar_subquery()
    query = select(models.Rater, answered).where(*which).order_by(models.Rater.number)
    return [_rater(row, count) for row, count in session.execute(query)]


def judgments(session: Session, study_id: int) -> list[Judgment]:
    """Return a study's answers by rater, in the order in which they were given."""
    judgment, rater = models.Judgment, models.Rater
    query = (
        select(
            rater.number, models.Trial.number, judgment.position, judgment.side, judgment.chosen,
            judgment.response_ms, judgment.created,
        )
        .join(rater, rater.id == judgment.rater_id)
        .join(models.Trial, models.Trial.id == judgment.trial_id)
        .where(rater.study_id == study_id)
        .order_by(rater.number, judgment.position)
    )  # fmt: skip
    return [Judgment(*row) for row in session.execute(query)]


def remove(session: Session, study_id: int) -> None:
    """Take out a study with all that belongs to it."""
    raters = select(models.Rater.id).where(models.Rater.study_id == study_id)
    session.execute(delete(models.Judgment).where(models.Judgment.rater_id.in_(raters)))
    for table in (models.Rater, models.Trial):
        session.execute(delete(table).where(table.study_id == study_id))
    session.execute(delete(models.Study).where(models.Study.id == study_id))


def files(session: Session) -> dict[str, list[str]]:
    """Return the names of the studies that need each kept picture, by its hash."""
    both = models.Study.id == models.Trial.study_id
    query = select(models.Study.name, models.Trial.pictures).join(models.Study, both).order_by(models.Study.id)
    found: dict[str, list[str]] = {}
    for name, pictures in session.execute(query):
        for picture in pictures:
            users = found.setdefault(Shown(*picture).file, [])
            if name not in users:
                users.append(name)
    return found


def _trial_row(new: NewTrial) -> dict[str, object]:
    return {
        "kind": new.kind,
        "word": new.word,
        "category": new.category,
        "options": list(new.options),
        "answer": new.answer,
        "pictures": [list(each) for each in new.pictures],
    }


def _study(row: models.Study, trials: int, attention: int, raters: int, finished: int, judgments: int) -> Study:
    return Study(
        row.id, row.name, row.question, row.confounders, row.seed, row.attention_limit, row.instructions, row.consent,
        row.settings, row.created, trials, attention, raters, finished, judgments,
    )  # fmt: skip


def _trial(row: models.Trial) -> Trial:
    pictures = tuple(Shown(*each) for each in row.pictures)
    return Trial(row.kind, row.word, row.category, tuple(row.options), row.answer, pictures, row.id, row.number)


def _rater(row: models.Rater, answered: int) -> Rater:
    plan = tuple(Choice(number, tuple(places)) for number, *places in row.plan)
    return Rater(row.id, row.number, row.token, plan, row.created, row.began, row.agreed, answered)
