"""The kept top scores of the bank of words: a cache that can be deleted at any time."""

import zipfile
from functools import partial

import numpy as np

from mindseye.indexer import embeddings
from mindseye.indexer.background import background_file
from mindseye.indexer.doctor.case import Case, Facts
from mindseye.indexer.doctor.finding import Finding
from mindseye.indexer.doctor.leftovers import delete
from mindseye.indexer.space import known


def examine(case: Case, modality: str) -> list[Finding]:
    """Return what is wrong with the file, which is read before the database.

    An absent one is sound, and so is that of another space or library: the next search by words replaces it.
    """
    path = background_file(case.root, modality)
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            whose, seq = str(stored["whose"]), int(stored["seq"])
            whole = stored["scores"].shape == stored["ids"].shape
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        whose, seq, whole = "", 0, False
    with case.database.read() as session:
        facts, last = Facts.read(session, modality), embeddings.last_change(session)
    if facts.encoder != known(case.space, modality).encoder:
        return []  # told already: nothing of this library fits the space
    if not whole:
        code, what = "background_damaged", "cannot be read"
    elif whose == " ".join(facts) and seq > last:
        code, what = "background_beyond_log", f"holds change {seq}, the log ends at {last}"
    else:
        return []
    hint = "`--repair` deletes it; the next search by words makes it anew"
    what = f"what words reach in this library ({path.name}) {what}"
    return [Finding(code, what, hint, (str(path),), partial(delete, [path]))]
