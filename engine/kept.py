"""Spaces that are fitted once and kept."""

from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from mindseye.engine.errors import MindseyeError
from mindseye.engine.space import JointSpace


def load_or_fit(home: Path, load: Callable[[], JointSpace], fit: Callable[[], JointSpace]) -> JointSpace:
    """Return the space that is kept in the folder `home`, fitted and saved when it is not there, or is damaged."""
    home.mkdir(parents=True, exist_ok=True)
    with FileLock(home / ".lock"):  # two commands started at once fit it once
        try:
            return load()
        except MindseyeError:  # either way it can be made again
            fit().save(home)
    return load()
