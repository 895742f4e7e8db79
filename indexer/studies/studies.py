"""The studies of a library: made once, answered by whoever has a link, never changed after."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Self

from sqlalchemy import update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from mindseye.engine.errors import NotFoundError, UsageError
from mindseye.indexer import models
from mindseye.indexer.database import Database, open_folder
from mindseye.indexer.library import Library
from mindseye.indexer.models import now
from mindseye.indexer.studies import pictures, rows
from mindseye.indexer.studies.records import Choice, Judgment, NewStudy, Plan, Rater, Shown, Sitting, Study, Trial

_TOKEN_BYTES = 18  # 144 bits: nobody guesses a link


class Studies:
    """All studies of one library; no space is needed."""

    def __init__(self, database: Database) -> None:
        """Take the open database of a library; `open` and `of` make one."""
        self.root = database.path.parent
        self._database = database

    @classmethod
    @contextmanager
    def open(cls, root: Path) -> Iterator[Self]:
        """Yield the studies of the library in the folder `root`. Raises NotFoundError when there is none."""
        with closing(open_folder(root, create=False)) as database:
            yield cls(database)

    @classmethod
    def of(cls, library: Library) -> Self:
        """Return the studies of an open library."""
        return cls(library.database)

    def keep(self, source: Path, origin: str, item_id: int | None = None) -> Shown:
        """Keep a picture as raters will see it; see `mindseye.indexer.studies.pictures`."""
        return pictures.keep(self.root, source, origin, item_id)

    def create(self, new: NewStudy) -> Study:
        """Store a study, whole or not at all, its pictures being kept. Raises UsageError when its name is taken."""
        tokens = _tokens(len(new.plans))
        with self._database.write() as session:
            if rows.studies(session, models.Study.name == new.name):
                raise UsageError(f"there is a study {new.name!r} already", "choose another name")
            study_id = rows.put_study(session, new)
            rows.put_raters(session, study_id, new.plans, tokens)
        return self.get(new.name)

    def add_raters(self, name: str, plans: Sequence[Plan]) -> None:
        """Make a link more for each plan. Raises NotFoundError for an unknown study."""
        with self._database.write() as session:
            rows.put_raters(session, _get(session, name).id, plans, _tokens(len(plans)))

    def all(self) -> list[Study]:
        """Return every study, the oldest first."""
        with self._database.read() as session:
            return rows.studies(session)

    def get(self, name: str) -> Study:
        """Return the study of that name. Raises NotFoundError naming those there are."""
        with self._database.read() as session:
            return _get(session, name)

    def trials(self, study: Study) -> list[Trial]:
        """Return a study's trials by number."""
        with self._database.read() as session:
            return rows.trials(session, study.id)

    def raters(self, study: Study) -> list[Rater]:
        """Return a study's raters by number."""
        with self._database.read() as session:
            return rows.raters(session, models.Rater.study_id == study.id)

    def judgments(self, study: Study) -> list[Judgment]:
        """Return a study's answers by rater, in the order in which they were given."""
        with self._database.read() as session:
            return rows.judgments(session, study.id)

    def remove(self, name: str) -> Study:
        """Take out a study, its links, answers and pictures, and return what it was. Raises NotFoundError."""
        with self._database.write() as session:
            study = _get(session, name)
            before = rows.files(session).keys()
            rows.remove(session, study.id)
            after = rows.files(session).keys()
        pictures.discard(self.root, before - after)
        return study

    def sitting(self, name: str, token: str) -> Sitting:
        """Return where the rater of a link stands. Raises NotFoundError for a link that was never given."""
        with self._database.read() as session:
            study, rater = _rater(session, name, token)
            if rater.finished:
                return Sitting(study, rater, None, None)
            choice = rater.plan[rater.answered]
            return Sitting(study, rater, choice, rows.trial(session, study.id, choice.trial))

    def picture(self, name: str, token: str, position: int, place: int) -> Path:
        """Return the file of what a rater sees at a place of a position, both counted from 0.

        Raises NotFoundError for an unknown link, what is further ahead than the next but one, and a lost file.
        """
        with self._database.read() as session:
            study, rater = _rater(session, name, token)
            if not 0 <= position < min(len(rater.plan), rater.answered + 2):
                raise NotFoundError("there is no such picture in this study", "go on from your link")
            choice = rater.plan[position]
            trial = rows.trial(session, study.id, choice.trial)
        shown = _pictures(trial, choice)
        if not 0 <= place < len(shown) or not (path := pictures.kept_path(self.root, shown[place].file)).is_file():
            raise NotFoundError("there is no such picture in this study", "tell the person who sent you the link")
        return path

    def shown(self, name: str, trial: int, number: int) -> Path:
        """Return the file of a picture of a trial. Raises NotFoundError when there is none, or it is lost."""
        with self._database.read() as session:
            found = rows.trials(session, _get(session, name).id)
        files = [each.file for each in found[trial].pictures] if trial < len(found) else []
        if number >= len(files) or not (path := pictures.kept_path(self.root, files[number])).is_file():
            raise NotFoundError(f"the study {name!r} has no picture {number} of trial {trial}", "see `mindseye doctor`")
        return path

    def begin(self, name: str, token: str, agreed: bool = False) -> None:
        """Write down when a rater began, having read the instructions, and agreed where that is asked; once.

        Raises NotFoundError, and UsageError where consent is asked and not given.
        """
        with self._database.write() as session:
            study, rater = _rater(session, name, token)
            if rater.began is not None:
                return
            if study.consent and not agreed:
                raise UsageError("this study begins once you have agreed", "read the text and tick that you agree")
            time = now()
            values = {"began": time, "agreed": time if study.consent else None}
            session.execute(update(models.Rater).where(models.Rater.id == rater.id).values(values))

    def answer(self, name: str, token: str, position: int, place: int, response_ms: int | None = None) -> bool:
        """Store what a rater chose at a position, by its place, and return whether it was not known before.

        An answer once given stays: a second one, the same or another, changes nothing. Raises NotFoundError for an
        unknown link, UsageError for a place that is none, a position not reached, and before `begin`.
        """
        with self._database.write() as session:
            study, rater = _rater(session, name, token)
            if rater.began is None:
                raise UsageError("the study has not begun", "open the link and read the instructions first")
            if not 0 <= position <= min(rater.answered, len(rater.plan) - 1):
                raise UsageError("that question has not been asked yet", "go on from your link")
            choice = rater.plan[position]
            if not 0 <= place < len(choice.places):
                raise UsageError(f"there is no choice {place}", "choose one of those shown")
            trial = rows.trial(session, study.id, choice.trial)
            values = {
                "rater_id": rater.id,
                "trial_id": trial.id,
                "position": position,
                "side": choice.places.index(trial.answer),
                "chosen": choice.places[place],
                "response_ms": response_ms,
                "created": now(),
            }
            statement = insert(models.Judgment).values(values).on_conflict_do_nothing()
            return bool(session.execute(statement.returning(models.Judgment.id)).scalar())


def _pictures(trial: Trial, choice: Choice) -> list[Shown]:
    """Return what is shown of a trial, from left to right."""
    if len(trial.pictures) == 1:
        return list(trial.pictures)
    return [trial.pictures[option] for option in choice.places]


def _get(session: Session, name: str) -> Study:
    found = rows.studies(session, models.Study.name == name)
    if not found:
        known = ", ".join(each.name for each in rows.studies(session))
        raise NotFoundError(f"no study is called {name!r}", f"there are: {known or 'none yet'}")
    return found[0]


def _rater(session: Session, name: str, token: str) -> tuple[Study, Rater]:
    studies = rows.studies(session, models.Study.name == name)
    for study in studies:
        mine = models.Rater.study_id == study.id, models.Rater.token == token
        for rater in rows.raters(session, *mine):
            return study, rater
    raise NotFoundError("this link leads to no study", "check that all of it was copied")


def _tokens(count: int) -> list[str]:
    return [secrets.token_urlsafe(_TOKEN_BYTES) for _ in range(count)]
