"""Bytes to text: marks at the beginning, what the text says of itself, then what reads as a language."""

from __future__ import annotations

import codecs
import re
from collections import Counter

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins as the one of UTF-16 does
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NAMED = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w.:-]{1,40})|^\s*<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([\w.:-]{1,40})",
    re.IGNORECASE,
)
_TEXT_ENCODING = re.compile(
    r"(utf-?(8|16|32)|(us-)?ascii|iso|latin|windows|cp\d|koi8|mac|(x-)?s(hift_)?jis|euc|gb|big5|tis)"
)
"""Not those that take long to decode, or that are no encodings of texts."""
_AS_BROWSERS_READ = {"ascii": "cp1252", "iso8859-1": "cp1252", "gb2312": "gb18030", "shift_jis": "cp932"}
_CANDIDATES = (
    *(
        "cp932",
        "gb18030",
        "euc_jp",
        "euc_kr",
        "big5",
        "koi8_r",
        "cp1251",
        "iso8859_5",
        "cp866",
        "mac_cyrillic",
    ),
    *("cp1253", "cp1255", "cp1256", "cp1252", "cp1250", "iso8859_2", "mac_roman", "cp850"),
)
_LATIN = ("cp1252", "cp1250", "iso8859_2", "mac_roman", "cp1254", "cp850")
"""The likeliest first; the alphabet that the letters belong to tells which it is."""
_ALPHABETS = tuple(
    frozenset(letters)
    for letters in (
        *("äöüß", "àâæçéèêëîïôùûüÿœ", "áéíóúüñ", "áâãàçéêíóôõúü", "àèéìíîòóùú", "åäöæøé", "áæðéíóöúýþ"),
        *("áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "ąćęłńóśźż", "áéíóöőúüű", "čćđšž", "ăâîşţ", "çğıöşüâî"),
    )
)
_USUAL_MARKS = "„“”‚‘’«»‹›…–—•·§©®°€£¥¡¿\u00a0"
_CAPITAL_WITHIN = re.compile("[a-z][À-ÖØ-ÞŐŇ]")
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_SAMPLE = 200_000
_DAMAGED = "Some characters could not be read."


def decoded(data: bytes, *, names_itself: bool = False) -> tuple[str, str]:
    """The text, and what could not be read of it in words; the last character may be cut in two."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _as(data, encoding)
    if names_itself and (text := _as_named(data)) is not None:
        return text, ""
    if encoding := without_mark(data):
        return _as(data, encoding)
    return _in_bytes(data)


def _in_bytes(data: bytes) -> tuple[str, str]:
    """A text whose encoding has to be told by its letters."""
    if b"\x1b$" in data and (text := _strictly(data, "iso2022_jp")) is not None:
        return text, ""
    if (text := _strictly(data, "utf-8")) is not None:
        return text, ""
    text = data.decode("utf-8", errors="replace")
    damaged = text.count("\ufffd")
    if sum(character > "\x7f" for character in text[:_SAMPLE]) > 2 * damaged:
        return text, _DAMAGED
    return _as(data, _encoding_of(data[:_SAMPLE]))


def _as(data: bytes, encoding: str) -> tuple[str, str]:
    text = codecs.getincrementaldecoder(encoding)("replace").decode(data)
    return text, _DAMAGED if "\ufffd" in text else ""


def _strictly(data: bytes, encoding: str) -> str | None:
    """The text if every byte of it is valid, but for a last character that is cut in two."""
    try:
        return codecs.getincrementaldecoder(encoding)("strict").decode(data)
    except (UnicodeError, LookupError):
        return None


def _as_named(data: bytes) -> str | None:
    found = _NAMED.search(data[:4096])
    name = (found[1] or found[2]).decode().lower() if found else ""
    if not _TEXT_ENCODING.match(name):
        return None
    try:
        known = codecs.lookup(name).name
    except LookupError:
        return None
    return _strictly(data, _AS_BROWSERS_READ.get(known, known))


def without_mark(data: bytes) -> str | None:
    """UTF-16 whose mark is missing: only with two bytes a character its blanks and stops can be seen."""
    head = data[:4096]
    if not _CONTROLS.search(head):
        return None
    seen = {name: _blanks(head, name) for name in ("utf-16-le", "utf-16-be")}
    best = max(seen, key=lambda name: seen[name])
    return best if seen[best] * 100 > len(head) else None


def _blanks(head: bytes, encoding: str) -> int:
    text = _strictly(head, encoding) or ""
    return sum(text.count(mark) for mark in " \n\t.,。、，") if not _CONTROLS.search(text.encode()) else 0


def _encoding_of(sample: bytes) -> str:
    try:
        from charset_normalizer import from_bytes
    except ImportError:
        return "latin-1"
    # a character that is cut in two would rule out the encoding
    whole = sample[: sample.rfind(b"\n") + 1] or sample
    best = from_bytes(whole, cp_isolation=list(_CANDIDATES)).best()
    encoding = best.encoding if best else "cp1252"
    return _latin(whole) if encoding in _LATIN or encoding == "latin_1" else encoding


def _latin(sample: bytes) -> str:
    """The encoding in which the letters are those of one language."""
    scores = {encoding: _score(sample, encoding) for encoding in _LATIN}
    known = {encoding: score for encoding, score in scores.items() if score is not None}
    return max(known, key=lambda encoding: known[encoding]) if known else "latin-1"


def _score(sample: bytes, encoding: str) -> int | None:
    """How much reads as one language: letters of its alphabet and usual marks, less what stands where it never does."""
    text = _strictly(sample, encoding)
    if text is None:
        return None
    beyond = Counter(character for character in text if character > "\x7f")
    usual = sum(beyond.pop(mark, 0) for mark in _USUAL_MARKS)
    letters = Counter("".join(beyond.elements()).lower())
    every = sum(letters.values())
    of_one = max(sum(letters[each] for each in alphabet) for alphabet in _ALPHABETS)
    return 2 * of_one - every + usual - len(_CAPITAL_WITHIN.findall(text))
