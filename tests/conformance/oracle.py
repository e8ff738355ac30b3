"""What a store should answer, in plain Python: slow, simple and without the stores' code."""

import json
import sqlite3
import statistics
import unicodedata
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from functools import cache, cmp_to_key

from elysia_desktop.core.requests import And, Not, Or
from elysia_desktop.core.schema import DataType

BLANKS = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))


def terms(text, tokenization, also=""):
    """The terms of a text; the signs in `also` belong to them."""
    if tokenization == "field":
        return [text.strip(BLANKS)]
    if tokenization in {"lowercase", "whitespace"}:
        belongs = [letter not in BLANKS for letter in text]
    else:
        belongs = [unicodedata.category(letter)[0] in "LN" or letter in also for letter in text]
    cut = "".join(letter if kept else "\0" for letter, kept in zip(text, belongs, strict=True))
    if tokenization != "whitespace":
        cut = lowered(cut)
    if tokenization == "trigram":
        whole = cut.replace("\0", "")
        return [whole[i : i + 3] for i in range(len(whole) - 2)]
    return [term for term in cut.split("\0") if term]


def lowered(text):
    return "".join("i" if letter == "İ" else letter.lower() for letter in text)


def fits(pattern, text):
    """Whether a text fits a pattern, letter by letter; no wildcard stands for a line break."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return fits(pattern[1:], text) or (bool(text) and text[0] != "\n" and fits(pattern, text[1:]))
    if not text or not (pattern[0] == text[0] or (pattern[0] == "?" and text[0] != "\n")):
        return False
    return fits(pattern[1:], text[1:])


def comparable(prop, value):
    """A value as it is compared: dates as points in time."""
    if value is None or prop.type.element is not DataType.DATE:
        return value
    if isinstance(value, list | tuple):
        return [datetime.fromisoformat(one) for one in value]
    return datetime.fromisoformat(value)


def matches(schema, tree, stored):
    """Whether an object matches a filter; everything matches None."""
    match tree:
        case None:
            return True
        case And():
            return all(matches(schema, part, stored) for part in tree.filters)
        case Or():
            return any(matches(schema, part, stored) for part in tree.filters)
        case Not():
            return not matches(schema, tree.filter, stored)
    if tree.operator == "!=":
        return not matches(schema, tree.model_copy(update={"operator": "="}), stored)
    if tree.property == "_creation_time":  # everything was made after the dates that are asked for
        return tree.operator in {">", ">="}
    prop = schema.property(tree.property)
    value = stored[tree.property]
    if tree.length:
        return compares(tree.operator, len(value or []), tree.value)
    if tree.operator == "IS_NULL":
        return (value is None or value in ("", [])) is tree.value
    if value is None and not prop.type.is_list:
        return False
    if prop.type is DataType.TEXT:
        return text_matches(tree, terms(value, prop.tokenization), prop.tokenization)
    if not prop.type.is_list:
        return compares(tree.operator, comparable(prop, value), comparable(prop, tree.value))
    return list_matches(prop, tree, value or [])


def text_matches(tree, found, tokenization):
    if tree.operator == "LIKE":
        wanted = terms(tree.value, tokenization, also="*?")
        return all(any(fits(pattern, term) for term in found) for pattern in wanted)
    return all(term in found for term in terms(tree.value, tokenization))


def list_matches(prop, tree, value):
    if prop.type is DataType.TEXTS:
        bag = {term for element in value for term in terms(element, prop.tokenization)}

        def has(wanted):
            return all(term in bag for term in terms(wanted, prop.tokenization))
    else:
        elements = comparable(prop, value)

        def has(wanted):
            return comparable(prop, [wanted])[0] in elements

    wanted = tree.value if isinstance(tree.value, tuple) else (tree.value,)
    held = [has(one) for one in wanted]
    if tree.operator == "=" and isinstance(tree.value, tuple):
        return len(value) == len(wanted) and all(held)
    return all(held) if tree.operator == "CONTAINS_ALL" else any(held)


def compares(operator, value, wanted):
    return {
        "=": value == wanted,
        "!=": value != wanted,
        "<": value < wanted,
        ">": value > wanted,
        "<=": value <= wanted,
        ">=": value >= wanted,
    }[operator]


def found_by_words(schema, text, stored):
    """Whether a searched property holds one of the words as it is; a part of one, as trigrams are, is none."""
    return any(
        set(terms(text, prop.tokenization)) & {t for one in texts for t in terms(one, prop.tokenization)}
        for prop, texts in searched(schema, stored)
        if prop.tokenization != "trigram"
    )


def found_by_parts(schema, text, stored):
    """Whether a property that is compared by trigrams holds a part of one of the words."""
    return any(
        set(terms(text, "trigram")) & {t for one in texts for t in terms(one, "trigram")}
        for prop, texts in searched(schema, stored)
        if prop.tokenization == "trigram"
    )


def found_by_forms(schema, text, stored):
    """Whether a searched property, however it is compared, holds another form of one of the words."""
    return any(forms(text) & forms(one) for _, texts in searched(schema, stored) for one in texts)


def searched(schema, stored):
    """The properties that searches look at, each with its texts."""
    for prop in schema.properties:
        if prop.searchable and prop.type.element is DataType.TEXT and stored[prop.name] is not None:
            yield prop, stored[prop.name] if prop.type.is_list else [stored[prop.name]]


@cache
def forms(text):
    """The words of a text as SQLite itself tells them: stemmed by Porter's rules, without accents."""
    with closing(sqlite3.connect(":memory:")) as database:
        cut = "tokenize='porter unicode61 remove_diacritics 2'"
        database.execute(f"CREATE VIRTUAL TABLE texts USING fts5(text, {cut})")
        database.execute("CREATE VIRTUAL TABLE words USING fts5vocab(texts, row)")
        database.execute("INSERT INTO texts VALUES (?)", (text,))
        return {word for (word,) in database.execute("SELECT term FROM words")}


def sort_key(prop, value):
    """What objects are ordered by: texts in small letters, with some signs as JSON escapes them."""
    if prop.type is not DataType.TEXT:
        return comparable(prop, value)
    escaped = json.dumps(value, ensure_ascii=False)[1:-1]
    for sign in "<>&\u2028\u2029":
        escaped = escaped.replace(sign, f"\\u{ord(sign):04x}")
    return lowered(escaped)


def ordered(schema, found, sort):
    """The objects by several columns, then by uuid.

    Those without a value come last in the first column; in the others no value is the smallest.
    """

    def compare(left, right):
        for place, one in enumerate(sort):
            if one.property == "uuid":
                a, b = left["uuid"], right["uuid"]
            else:
                prop = schema.property(one.property)
                a, b = (None if o[prop.name] is None else sort_key(prop, o[prop.name]) for o in (left, right))
            if a == b:
                continue
            if place == 0 and (a is None or b is None):
                return 1 if a is None else -1
            smaller = b is not None if a is None else (b is not None and a < b)
            return (-1 if smaller else 1) * (1 if one.direction == "asc" else -1)
        return -1 if left["uuid"] < right["uuid"] else 1

    return sorted(found, key=cmp_to_key(compare))


def metric(schema, asked, found):
    """The value of one metric over the objects."""
    prop = schema.property(asked.property)
    values = [comparable(prop, o[prop.name]) for o in found if o[prop.name] is not None]
    if asked.function == "COUNT":
        return sum(map(len, values)) if prop.type.is_list else len(values)
    if asked.function == "SUM":
        return sum(values)
    if asked.function in {"TOTAL_TRUE", "TOTAL_FALSE"}:
        return values.count(asked.function == "TOTAL_TRUE")
    ranked = sorted(Counter(values).items(), key=lambda pair: (-pair[1], pair[0]))
    if asked.function == "TOP_OCCURRENCES":
        return [{"value": v, "count": n} for v, n in ranked if n >= (asked.min_occurrences or 1)][:100]
    if not values:
        return None
    match asked.function:
        case "MIN":
            return shown(min(values))
        case "MAX":
            return shown(max(values))
        case "MEAN":
            return sum(values) / len(values)
        case "MEDIAN":
            low, high = statistics.median_low(values), statistics.median_high(values)
            if isinstance(low, datetime):
                return shown(low + (high - low) / 2)
            return low if low == high else low / 2 + high / 2
        case "MODE":
            return shown(ranked[0][0])
        case _:
            return values.count(asked.function == "PERCENTAGE_TRUE") / len(values)


def shown(value):
    """A value as aggregations show it: dates as ISO 8601 in UTC."""
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def groups(schema, name, found):
    """The objects by the value of a property, or by each element of a list; largest first, then by value."""
    prop = schema.property(name)
    made = {}
    for stored in found:
        value = comparable(prop, stored[name])
        for key in set(value or []) if prop.type.is_list else {value} - {None}:
            made.setdefault(key, []).append(stored)
    return {shown(key): of for key, of in sorted(made.items(), key=lambda pair: (-len(pair[1]), pair[0]))}


def same_value(prop, left, right):
    """Whether two values are the same; dates are moments with their offset, however written."""
    if left is None or right is None or prop.type.element is not DataType.DATE:
        return left == right
    left, right = (value if isinstance(value, list) else [value] for value in (left, right))
    return len(left) == len(right) and all(
        datetime.fromisoformat(a) == datetime.fromisoformat(b)
        and datetime.fromisoformat(a).utcoffset() == datetime.fromisoformat(b).utcoffset()
        for a, b in zip(left, right, strict=True)
    )
