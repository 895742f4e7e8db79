"""The common words of English: what pictures, texts and other words can be answered with."""

import re

from mindseye.engine.text.class_texts import class_texts
from mindseye.engine.text.concreteness import ratings
from mindseye.engine.text.lexicon import Lexicon

RECIPE = "rated words of SCOWL 35, or nouns rated 0.5 concrete; one-word names of classes; no adverbs in -ly; not rude"
_KNOWN = 35  # SCOWL band: words that everybody knows
_SEEN = 0.5  # concreteness from which a noun is more of a thing than an idea
_SHORT = 2  # letters: nearly all such words are abbreviations and grammar; "ox" is not

# How the dictionary marks words that hurt; they are in no answer unless asked for.
_RUDE = re.compile(
    r"\(ethnic slur\)|\((?:sometimes )?offensive\b|offensive (?:and \w+ )?(?:term|name|word)s?\b|vulgar slang"
    r"|(?:obscene|coarse|insulting|derogatory|disparaging) (?:term|name|word)s?\b",
    re.IGNORECASE,
)
_RUDE_UNMARKED = frozenset({"bitch", "fuck", "fucker", "fucking", "jap", "retard", "slut", "whore"})


def common_words(lexicon: Lexicon) -> tuple[str, ...]:
    """Return about 20,000 lemmas, sorted: the words that most people know, and rarer ones of things that can be seen.

    A lemma is taken when people rated its concreteness (`mindseye.engine.text.concreteness`), which leaves out names
    and inflected forms, and either everybody knows it (SCOWL band 35) or it is a noun for a thing rather than an idea;
    and when it is the name of one of ImageNet's classes. Adverbs in -ly repeat their adjectives; words that the
    dictionary marks as offensive, in their first sense or in a third of them, are left out.
    """
    rated, nouns = ratings(), frozenset(lexicon.nouns)
    classes = {name.lower() for each in class_texts() for name in each.names} & nouns

    def is_common(word: str) -> bool:
        concrete = rated.get(word, 0.0) >= _SEEN and word in nouns
        familiar = word in rated and lexicon.grades[word] <= _KNOWN and (word in nouns or not word.endswith("ly"))
        return word in classes or (len(word) > _SHORT and (concrete or familiar))

    lemmas = (word for word in sorted(lexicon.grades) if word.isascii() and word.isalpha() and word in lexicon.lemmas)
    return tuple(word for word in lemmas if is_common(word) and not is_rude(word, lexicon))


def is_rude(word: str, lexicon: Lexicon) -> bool:
    """Whether the dictionary marks a lemma as offensive in its first sense, or in a third of its senses."""
    marked = [bool(_RUDE.search(sense.definition)) for sense in lexicon.senses(word)]
    return word in _RUDE_UNMARKED or marked[:1] == [True] or 3 * sum(marked) >= max(len(marked), 1)
