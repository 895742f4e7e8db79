"""How a text becomes words, the same in training and when a text is asked about."""

import re

RECIPE = "runs of letters, digits and underscores, in lower case"
_WORDS = re.compile(r"\w+")


def tokens(text: str) -> list[str]:
    """Return the words of a text; numbers are words too."""
    return _WORDS.findall(text.lower())
