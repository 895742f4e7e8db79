"""Sums and differences of queries, as one query: "king - man + woman", "2*beach - people + @photo.jpg"."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mindseye.engine.errors import UsageError
from mindseye.engine.meanings import Meanings
from mindseye.engine.mixture import Mixture
from mindseye.engine.query import Wording
from mindseye.engine.space import JointSpace, Query
from mindseye.engine.terms import Term
from mindseye.engine.text.lexicon import Lexicon, normalised
from mindseye.engine.vectors import FloatArray, unit

_NOTHING = 1e-3  # length of a sum, of weights up to 1, that points nowhere


def added(space: JointSpace, mixture: Mixture) -> Query:
    """Return the weighted sum of a mixture's queries as one query, which searches whatever any query does.

    Where one of them is a picture, the sum asks as a picture does, otherwise as a text. Texts alone: their unit
    semantic halves are added (Mikolov, Yih & Zweig 2013) and the sum is mapped again, so that what it looks like is
    imagined from what it means, as of any text. Pictures alone: both stored halves are added. Both: the same, each text
    with the look that is imagined of it by itself: what is left of "@photo.jpg - people" without the photograph is no
    text that could be mapped.
    Halves are of unit length again after it. Raises UsageError when nothing is left: "king - king".
    """
    if len(mixture.queries) == 1:
        return mixture.queries[0]
    pictured = any(query.kind == "image" for query in mixture.queries)
    weights = np.array(mixture.weights) / np.abs(mixture.weights).max()
    stacked = weights.astype(np.float32) @ np.stack([query.unweighted for query in mixture.queries])
    semantic, visual = _direction(stacked[: space.text.width]), _direction(stacked[space.text.width :])
    if not semantic.any() and not (pictured and visual.any()):
        raise UsageError(f"nothing is left of {mixture.text!r}", "add or take away what differs")
    wording = Wording(mixture.text, (), mixture.definition)
    if not pictured:
        return replace(space.passage_query(semantic, mixture.text), wording=wording)
    row = np.hstack([semantic, visual])[None]
    weighted = space.weighted(row, "image")[0]
    return Query(wording, Meanings.plain(semantic[None]), row[0], weighted, 1.0, space.mapping, kind="image")


def own_words(lexicon: Lexicon, terms: Sequence[Term]) -> frozenset[str]:
    """Return the words that a sum is made of, as written and as lemmas, which no answer to it repeats.

    Mikolov, Yih & Zweig 2013 leave them out likewise: what is nearest to "king - man + woman" is king.
    """
    texts = [term.text for term in terms if not term.picture]
    return frozenset(form for text in texts for form in (normalised(text), lexicon.lemma(text)) if form)


def _direction(total: FloatArray) -> FloatArray:
    """Return a sum (d,) at unit length, zero where so little is left that it points anywhere."""
    return np.asarray(unit(total[None])[0] * np.float32(np.linalg.norm(total) >= _NOTHING))
