"""The joint space: words, texts and pictures as rows `[s; v]`, a semantic and a visual half each."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
from PIL import Image
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from mindseye.engine.decision.bank import Bank
from mindseye.engine.errors import MindseyeError, SpaceMismatchError, UnknownWordError
from mindseye.engine.files import replace_file
from mindseye.engine.mapping.crossmodal import CrossModal
from mindseye.engine.meanings import Meanings
from mindseye.engine.query import Wording, encode_wordings, word_query
from mindseye.engine.text.encoder import Progress, TextEncoder
from mindseye.engine.text.lexicon import Lexicon
from mindseye.engine.vectors import FloatArray, rows, unit
from mindseye.engine.vision.encoder import PictureEncoder

TEXTS = ("word", "paragraph", "document")
MODALITIES = ("image", *TEXTS)

# (query kind, item modality) → weights of the halves; squares sum to 1. Measured in decisions 0002, 0010 and 0014.
WEIGHTS: Mapping[tuple[str, str], tuple[float, float]] = {
    ("text", "image"): ((1 / 11) ** 0.5, (10 / 11) ** 0.5),
    ("image", "image"): ((1 / 10) ** 0.5, (9 / 10) ** 0.5),
    # What a text looks like is a function of what it means: between texts it tells nothing more.
    **{("text", modality): (1.0, 0.0) for modality in TEXTS},
    ("image", "word"): (0.5**0.5, 0.5**0.5),
    **{("image", modality): (0.25**0.5, 0.75**0.5) for modality in ("paragraph", "document")},
}


@dataclass(frozen=True)
class Query:
    """A query in the space.

    wording: what was asked; meanings: it, encoded;
    unweighted (ds + dv,): its row `[s; v]`; row (ds + dv,): the same, weighted for what it searches; knowledge:
    length of the imagined visual vector, how far the mapping knows the text (about .8 a text it learned from, .6
    such a word, .2 to .4 a word like them, .1 anything else); mapping: fingerprint of the space that it is a query of;
    kind: whether it asks as a text or as an image, which decides how its halves are weighed.
    """

    wording: Wording
    meanings: Meanings
    unweighted: FloatArray
    row: FloatArray
    knowledge: float
    mapping: str
    kind: str = "text"

    @property
    def semantic(self) -> FloatArray:
        """Its unit embedding (ds,)."""
        return np.asarray(self.meanings.semantic[0])


@dataclass(frozen=True)
class Traits:
    """What a space of the user's own has, beside the mappings, that the pocket space does not.

    name: what it is saved as; words: its own classes, which a query may name though no dictionary knows them; defined:
    whether a query's words are joined by the dictionary's definitions; calibrated: whether P(match) was fitted for
    such a space; weights: of the halves, measured for it, WEIGHTS' own when None.
    """

    name: str = "pocket"
    words: tuple[str, ...] = ()
    defined: bool = True
    calibrated: bool = True
    weights: tuple[float, float] | None = None  # of queries by text, for pictures

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Self:
        """Read what `space.json` holds. Raises TypeError for a trait that is not known."""
        told = {name: tuple(value) if isinstance(value, list) else value for name, value in told.items()}
        return cls(**told)


class JointSpace:
    """Two encoders and what was learned between them.

    text, picture: encoders; lexicon: the dictionary; crossmodal: the mappings; bank: common words to compare queries
    with; encoder, mapping: fingerprints of what stored vectors and derived rows depend on; traits: what else
    is its own.
    """

    def __init__(
        self,
        text: TextEncoder,
        picture: PictureEncoder,
        lexicon: Lexicon,
        crossmodal: CrossModal,
        bank: Bank,
        *,
        encoder: str,
        mapping: str,
        traits: Traits | None = None,
    ) -> None:
        self.text = text
        self.picture = picture
        self.lexicon = lexicon
        self.crossmodal = crossmodal
        self.bank = bank
        self.encoder = encoder
        self.mapping = mapping
        self.traits = traits or Traits()
        self.raw_width = picture.width
        self.text_width = text.width
        self.width = text.width + crossmodal.directions.shape[1]

    @property
    def name(self) -> str:
        """What it is called."""
        return self.traits.name

    def check(self, query: Query) -> None:
        """Raise SpaceMismatchError for a query of another space, whose rows mean something else here."""
        if query.mapping != self.mapping:
            what = (
                f"the query {query.wording.text!r} is of mapping {query.mapping}, not of this space's, {self.mapping}"
            )
            raise SpaceMismatchError(what, f"ask it again in the space {self.name!r}")

    def encode_texts(self, texts: Sequence[str], progress: Progress | None = None) -> FloatArray:
        """Return the known half of texts: unit embeddings (n, ds). Raises UsageError for an empty text."""
        return self.text.encode(texts, progress)

    def encode_words(self, words: Sequence[str], progress: Progress | None = None) -> FloatArray:
        """Return embeddings (n, ds) of words as queries mean them, with what the dictionary says. Raises UsageError."""
        return encode_wordings(self.text, [self.wording(word) for word in words], progress).semantic

    def encode_images(self, images: Sequence[Image.Image]) -> FloatArray:
        """Return raw features (n, raw_width) of RGB pictures; what is stored, before any mapping."""
        return self.picture.encode(images)

    def image_rows(self, features: FloatArray) -> FloatArray:
        """Return rows (n, width) of raw features (n, raw_width). Raises VectorError for another width."""
        return self.crossmodal.image_rows(rows(features, self.raw_width))

    @property
    def text_encoder(self) -> str:
        """Fingerprint of what stored embeddings of texts depend on."""
        return self.text.fingerprint

    def passage_rows(self, embeddings: FloatArray) -> FloatArray:
        """Return rows (n, width) of stored embeddings (n, text_width) of texts; of a zero one, of which the encoder
        knew no word, a zero row, which is like nothing.

        Raises VectorError for another width.
        """
        embeddings = rows(embeddings, self.text_width)
        known = embeddings.any(axis=1)
        result = np.zeros((len(embeddings), self.width), dtype=np.float32)
        if known.any():
            result[known] = self.text_rows(Meanings.plain(unit(embeddings[known])))
        return result

    def text_rows(self, meanings: Meanings) -> FloatArray:
        """Return rows (n, width) of n queries or texts. Raises VectorError for embeddings of another width."""
        rows(meanings.semantic, self.text.width)
        return self.crossmodal.text_rows(meanings)[0]

    def wording(self, text: str, means: str | None = None, sense: int | None = None) -> Wording:
        """Put a query into this space's words. Raises UsageError as `mindseye.engine.query.word_query`."""
        wording = word_query(self.lexicon, text, means, sense)
        as_it_stands = means is None and sense is None and not self.traits.defined
        return replace(wording, texts=(wording.text,), senses=()) if as_it_stands else wording

    def word_query(self, text: str, means: str | None = None, sense: int | None = None) -> Query:
        """Return a query by word, phrase or sentence. Raises UsageError as `wording`."""
        return self.word_queries([self.wording(text, means, sense)])[0]

    def word_queries(self, wordings: Sequence[Wording]) -> list[Query]:
        """Return a query for each wording, encoded together.

        Raises UnknownWordError for one of which the text encoder knows nothing: word vectors know words alone.
        """
        meanings = encode_wordings(self.text, wordings)
        for number in np.flatnonzero(~meanings.semantic.any(axis=1))[:1]:
            text = wordings[number].text
            raise UnknownWordError(f"the space {self.traits.name!r} knows no word of {text!r}", "ask in other words")
        unweighted, knowledge, of_texts = self.crossmodal.told_rows(meanings)
        weighted = self.weighted(unweighted, "text")
        return [
            Query(
                _pictured(wording, of_texts[meanings.owners == i]), meanings[i : i + 1],
                unweighted[i], weighted[i], float(knowledge[i]), self.mapping,
            )
            for i, wording in enumerate(wordings)
        ]  # fmt: skip

    def knowledge(self, meanings: Meanings) -> FloatArray:
        """Return how far the mapping knows each of n queries (n,): the length of what it imagines."""
        return self.crossmodal.text_rows(meanings)[1]

    def passage_query(self, embedding: FloatArray, name: str) -> Query:
        """Return a query by a stored text from its embedding (text_width,); name: what to call it."""
        meanings = Meanings.plain(unit(rows(embedding[None], self.text_width)))
        unweighted, knowledge = self.crossmodal.text_rows(meanings)
        weighted = self.weighted(unweighted, "text")
        return Query(Wording(name, (name,)), meanings, unweighted[0], weighted[0], float(knowledge[0]), self.mapping)

    def picture_query(self, features: FloatArray, name: str) -> Query:
        """Return a query by picture from its raw features (raw_width,); name: what to call it."""
        row = self.image_rows(features[None])
        weighted = self.weighted(row, "image")
        meanings = Meanings.plain(row[:, : self.text.width])
        return Query(Wording(name, ()), meanings, row[0], weighted[0], 1.0, self.mapping, kind="image")

    def weighted(self, unweighted: FloatArray, kind: str, modality: str = "image") -> FloatArray:
        """Return query rows (n, width) `[w_s s; w_v v]` of rows `[s; v]`, for a query kind and item modality."""
        semantic, visual = self.half_weights(kind, modality)
        split = self.text.width
        return np.hstack([semantic * unweighted[:, :split], visual * unweighted[:, split:]])

    def half_weights(self, kind: str, modality: str) -> tuple[float, float]:
        """Return the weights of the semantic and the visual half, for a query kind and item modality."""
        own = self.traits.weights if (kind, modality) == ("text", "image") else None
        return own or WEIGHTS[kind, modality]

    def half_rows(self, unweighted: FloatArray) -> FloatArray:
        """Return rows (2n, width) that ask with one half of `[s; v]` alone: first all `[s; 0]`, then all `[0; v]`."""
        split = self.text.width
        semantic, visual = unweighted.copy(), unweighted.copy()
        semantic[:, split:], visual[:, :split] = 0, 0
        return np.vstack([semantic, visual])

    @cached_property
    def bank_rows(self) -> FloatArray:
        """The bank's words as rows (b, width)."""
        return self.text_rows(self.bank.meanings)

    @cached_property
    def bank_half_rows(self) -> FloatArray:
        """The same, as half rows (2b, width): kept, because every search needs them."""
        return self.half_rows(self.bank_rows)

    def target(self, query: Query, weights: FloatArray | None = None) -> FloatArray:
        """Return the unit visual vector (p,) that a text query is to be imagined by.

        weights (1000, p): the classifier of the network it is for, the indexing network's own when None.
        """
        return np.asarray(self.crossmodal.targets(query.meanings, weights)[0])

    def save(self, folder: Path) -> None:
        """Write the learned part: tensors first, `space.json` last, so that a half-written space is none."""
        folder.mkdir(parents=True, exist_ok=True)
        tensors = {field.name: getattr(self.crossmodal, field.name) for field in fields(CrossModal)}
        tensors |= {f"bank_{name}": tensor for name, tensor in vars(self.bank.meanings).items()}
        tensors["bank_rows"] = self.bank_rows  # seconds to make, milliseconds to read
        replace_file(folder / "mapping.safetensors", lambda path: save_file(tensors, path))
        told: dict[str, Any] = {"encoder": self.encoder, "mapping": self.mapping, "traits": asdict(self.traits)}
        told["bank"] = self.bank.words
        replace_file(folder / "space.json", lambda path: path.write_text(json.dumps(told), encoding="utf-8"))

    @classmethod
    def load(cls, folder: Path, text: TextEncoder, picture: PictureEncoder, lexicon: Lexicon) -> Self:
        """Read a saved space; the encoders are given. Raises MindseyeError when it is missing or damaged."""
        try:
            told = json.loads((folder / "space.json").read_text(encoding="utf-8"))
            tensors = load_file(folder / "mapping.safetensors")
            bank_rows = tensors.pop("bank_rows")
            meanings = Meanings(*(tensors.pop(f"bank_{field.name}") for field in fields(Meanings)))
            bank = Bank(tuple(told["bank"]), meanings)
            learned, traits = CrossModal(**tensors), Traits.from_dict(told["traits"])
            encoder, mapping = told["encoder"], told["mapping"]
            space = cls(text, picture, lexicon, learned, bank, encoder=encoder, mapping=mapping, traits=traits)
            space.bank_rows = bank_rows
            return space
        except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
            raise MindseyeError(
                f"no usable space in {folder} ({error})", "build it with `mindseye space fit`"
            ) from error


def _pictured(wording: Wording, knowledge: FloatArray) -> Wording:
    """Return a wording that is defined by the sense that can best be pictured, where several were asked.

    knowledge (t,): how far each text is known that says more than the bare word, those of the senses last.
    """
    if len(wording.senses) < 2:
        return wording
    return replace(wording, definition=wording.senses[int(knowledge.argmax())])
