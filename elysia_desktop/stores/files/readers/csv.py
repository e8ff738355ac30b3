"""Reads tables with one row a line, each value told with the name of its column."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from csv import Error, reader

from elysia_desktop.stores.files.draft import Draft
from elysia_desktop.stores.files.source import Source

_DELIMITERS = (",", ";", "\t", "|")
_LOOKED_AT = 100
"""Lines that tell how the columns are parted."""
_NUMBER = re.compile(r"[-+]?[$€£]?\s?[\d.,:/ -]*\d\s?[%€$£]?")
_NAMED_DELIMITER = re.compile(r"sep=(.)\n")
_BLANKS = re.compile(r"\s+")
_LONGEST_NAME = 60


def read(source: Source, draft: Draft) -> None:
    """The rows as “name: value; name: value”; formulas stay the text they are."""
    text = source.text(draft.limits.characters).replace("\r\n", "\n").replace("\r", "\n")
    named = _NAMED_DELIMITER.match(text)
    if named:
        text = text[named.end() :]
    delimiter = named[1] if named else _delimiter(text, source.suffix)
    rows = _Rows(text, delimiter)
    first = next(rows, None)
    if first is None:
        return
    names = _names(first)
    if names is None:
        names = [f"column {number}" for number in range(1, len(first) + 1)]
        draft.add(told(names, first), "\n")
    for count, row in enumerate(rows, 1):
        draft.progress = f"row {count:,}"
        draft.add(told(names, row), "\n")
    if draft.is_empty:
        draft.add(" | ".join(names))
    if rows.damaged == 1:
        draft.note("1 row is damaged and was taken as it stands.")
    elif rows.damaged:
        draft.note(f"{rows.damaged:,} rows are damaged and were taken as they stand.")


def told(names: Sequence[str], row: Sequence[str]) -> str:
    """A row as a line that can be understood without the others."""
    cells = [_BLANKS.sub(" ", cell).strip() for cell in row]
    labels = [*names, *(f"column {number}" for number in range(len(names) + 1, len(cells) + 1))]
    return "; ".join(f"{name}: {cell}" for name, cell in zip(labels, cells, strict=False) if cell)


class _Rows(Iterator[list[str]]):
    """The rows with anything in them; of one that cannot be parsed its first line is one value."""

    def __init__(self, text: str, delimiter: str) -> None:
        self.damaged = 0
        self._text = text
        self._delimiter = delimiter
        self._at = 0
        self._taken: list[str] = []
        self._rows = self._parsed()

    def __next__(self) -> list[str]:
        while True:
            self._taken.clear()
            try:
                row = next(self._rows)
                if self._is_never_closed():
                    row = self._first_line()
            except Error:
                row = self._first_line()
            if any(cell.strip() for cell in row):
                return row

    def _parsed(self) -> Iterator[list[str]]:
        return reader(self._lines(), delimiter=self._delimiter, skipinitialspace=self._delimiter != "\t")

    def _is_never_closed(self) -> bool:
        """Whether a quotation mark has taken in all the rows up to the end."""
        is_last = self._at >= len(self._text) and len(self._taken) > 1
        return is_last and "".join(self._taken).count('"') % 2 == 1

    def _first_line(self) -> list[str]:
        """The line with which a damaged row begins; those after it are read anew."""
        self.damaged += 1
        first, *others = self._taken
        self._at -= sum(map(len, others))
        self._rows = self._parsed()
        return [first]

    def _lines(self) -> Iterator[str]:
        while self._at < len(self._text):
            end = self._text.find("\n", self._at) + 1 or len(self._text)
            line = self._text[self._at : end]
            self._at = end
            self._taken.append(line)
            yield line


def _delimiter(text: str, suffix: str) -> str:
    """What parts the values: what makes most rows equally long, of more than one value."""
    lines = text[: _LOOKED_AT * 1000].split("\n")[:_LOOKED_AT]
    best = "\t" if suffix in {".tsv", ".tab"} else ","
    most = 0.0
    for delimiter in _DELIMITERS:
        lengths = Counter(_lengths(lines, delimiter))
        if lengths:
            length, rows = lengths.most_common(1)[0]
            score = rows / lengths.total() * (length > 1) + min(length, 100) / 1000
            if length > 1 and score > most:
                best, most = delimiter, score
    return best


def _lengths(lines: Iterable[str], delimiter: str) -> list[int]:
    try:
        return [len(row) for row in reader(lines, delimiter=delimiter) if row]
    except Error:
        return []


def _names(row: Sequence[str]) -> list[str] | None:
    """The names of the columns where the first row holds them: short words, no numbers."""
    names = [_BLANKS.sub(" ", cell).strip() for cell in row]
    has_values = any(_NUMBER.fullmatch(name) or len(name) > _LONGEST_NAME for name in names)
    if has_values or not any(names):
        return None
    return [name or f"column {number}" for number, name in enumerate(names, 1)]
