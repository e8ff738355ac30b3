"""How alike two questions are: by the words they share, and by vectors where there are some."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence

_WORD = re.compile(r"\w+")
_UNSPACED = re.compile("[\u0e00-\u0eff\u2e80-\U0003ffff]")
_LITTLE_TOLD = """
a about all am an and any are as at be been by can could did do does each find for from get give had has have how i in
is it its list many me more most much my of on one or our per please say show tell than that the their them there
these they this those to us was we were what when where which who whose why will with would you your
"""
_FUNCTION_WORDS = frozenset(_LITTLE_TOLD.split())
_FAINT = 0.15
"""What a function word counts beside a word of content."""

Words = Mapping[str, float]
"""The words of a text and what each counts."""


def words_of(text: str) -> Words:
    """The words of a text by weight, without the ending of a plural; scripts without spaces in pairs of signs."""
    counted: Counter[str] = Counter()
    for word in _WORD.findall(text.casefold().replace("_", " ")):
        if _UNSPACED.search(word):
            counted.update(word[at : at + 2] for at in range(max(len(word) - 1, 1)))
        else:
            counted[_stem(word)] += 1
    return {
        word: (_FAINT if word in _FUNCTION_WORDS else 1.0) * (1 + math.log(n)) for word, n in counted.items()
    }


def rarities(texts: Sequence[Words]) -> dict[str, float]:
    """How rare each word is among texts, from 1 for one that is in all of them up to 2."""
    seen: Counter[str] = Counter()
    for words in texts:
        seen.update(words.keys())
    most = math.log(len(texts) + 1)
    return {word: 1 + math.log(len(texts) / times) / most for word, times in seen.items()}


def likeness(one: Words, other: Words, rarity: Mapping[str, float]) -> float:
    """The cosine of two texts' weighted words, 0 to 1; a word of unknown rarity is as rare as can be."""
    weighted = [{word: w * rarity.get(word, 2.0) for word, w in words.items()} for words in (one, other)]
    return cosine_of(*weighted)


def cosine_of(one: Words, other: Words) -> float:
    """The cosine of two texts by words; 0 where one is empty."""
    dot = sum(weight * other[word] for word, weight in one.items() if word in other)
    length = math.sqrt(sum(w * w for w in one.values()) * sum(w * w for w in other.values()))
    return min(dot / length, 1.0) if length else 0.0


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    """The cosine of two vectors of the same length, -1 to 1; 0 where one is nought or the lengths differ."""
    if len(one) != len(other):
        return 0.0
    length = math.sqrt(math.fsum(x * x for x in one) * math.fsum(x * x for x in other))
    return math.fsum(x * y for x, y in zip(one, other, strict=True)) / length if length else 0.0


def _stem(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
