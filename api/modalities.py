"""The names of modalities, as people say them and as the engine does."""

from mindseye.engine.errors import UsageError
from mindseye.engine.space import MODALITIES

PLURAL = {"image": "images", "word": "words", "paragraph": "paragraphs", "document": "documents"}
_SAID = {said: modality for modality in MODALITIES for said in (modality, PLURAL[modality])}


def read_modalities(text: str | None) -> tuple[str, ...] | None:
    """Return the modalities of "images,words", None for None. Raises UsageError for another name and for none."""
    if text is None:
        return None
    said = [part.strip().lower() for part in text.split(",") if part.strip()]
    unknown = [part for part in said if part not in _SAID]
    if unknown or not said:
        what = f"cannot look among {', '.join(unknown)}" if unknown else "nothing was named to look among"
        raise UsageError(what, f"--in takes {', '.join(PLURAL.values())}, joined by commas")
    return tuple(dict.fromkeys(_SAID[part] for part in said))
