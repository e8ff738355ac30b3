"""Text from templates with choices and slots."""

import re
from collections.abc import Mapping, Sequence
from random import Random

CHOICE = re.compile(r"\[([^\[\]]*)\]")
SLOT = re.compile(r"\{(\w+)\}")
ARTICLE = re.compile(r"\b([Aa]) (?=[AEIOU][a-z])")
SENTENCE_START = re.compile(r"(^|[.!?] |\n)([a-zà-ž])")
# Words that stand at the start of a fault and may follow "Sadly, " in lower case.
PLAIN_START = re.compile(
    r"(The|They|It|A|An|After|All|Everything|There|This|Water|Rain|In|Too|Useless|Strange|Sold|Cut|My|Woke|"
    r"Froze|Tiny|Soaked|Wet|Feathers|Sleeves|Light|Far|One|Two|Three|Still|Small|Colour|Even) "
)


class Grammar:
    """Named rules, each a list of templates, expanded with one random generator."""

    def __init__(self, rules: Mapping[str, Sequence[str]], random: Random) -> None:
        self._rules = rules
        self._random = random

    def pick(self, rule: str, slots: Mapping[str, str]) -> str:
        """Expand one template of a rule."""
        return self.expand(self._random.choice(self._rules[rule]), slots)

    def expand(self, template: str, slots: Mapping[str, str]) -> str:
        """Replace every `[a|b]` by one of its parts and every `{slot}` by its value or its rule."""
        text = template
        while match := CHOICE.search(text):
            chosen = self._random.choice(match.group(1).split("|"))
            text = text[: match.start()] + chosen + text[match.end() :]
        while match := SLOT.search(text):
            name = match.group(1)
            value = slots[name] if name in slots else self.pick(name, slots)
            text = text[: match.start()] + value + text[match.end() :]
        return ARTICLE.sub(r"\1n ", text)


def sentences(*parts: str) -> str:
    """Join the parts that are not empty and give each sentence a capital letter."""
    text = " ".join(part.strip() for part in parts if part.strip())
    return SENTENCE_START.sub(lambda match: match.group(1) + match.group(2).upper(), text)


def titled(text: str) -> tuple[str, str]:
    """Split "title | sentence"."""
    title, _, sentence = text.partition(" | ")
    return title, sentence


def continued(opening: str, sentence: str) -> str:
    """Put an opening such as "Sadly, " before a sentence."""
    rest = sentence[0].lower() + sentence[1:] if PLAIN_START.match(sentence) else sentence
    return opening + rest
