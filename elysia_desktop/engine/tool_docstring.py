"""Docstrings of tools: what the tool is for, and what each argument is, in the Google, NumPy and Sphinx styles."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

_ARGUMENTS = {
    "args",
    "arguments",
    "parameters",
    "params",
    "keyword args",
    "keyword arguments",
    "other parameters",
}
_NOT_FOR_THE_MODEL = {"returns", "return", "yields", "yield", "raises", "warns", "see also", "references"}
_SECTION = re.compile(r"^([A-Z][A-Za-z ]*?)\s*:\s*$")
_UNDERLINE = re.compile(r"^\s*-{3,}\s*$")
_FIELD = re.compile(r"^:(\w+)(?:\s+([^:]+))?:\s*(.*)$")
_ENTRY = re.compile(r"^\s*(\*{0,2}\w+(?:\s*,\s*\*{0,2}\w+)*)\s*(?:\(.*?\))?\s*:\s*(.*)$")
_NUMPY_ENTRY = re.compile(r"^(\*{0,2}\w+(?:\s*,\s*\*{0,2}\w+)*)\s*(?::.*)?$")
_PARAM_FIELDS = {"param", "parameter", "arg", "argument", "key", "keyword"}
_OTHER_FIELDS = {"type", "return", "returns", "rtype", "raise", "raises", "yield", "yields", "ytype"}


@dataclass
class Docstring:
    """What a docstring says: of the whole, without its sections about arguments and results, and per argument."""

    summary: str = ""
    arguments: dict[str, str] = field(default_factory=dict[str, str])


def read_docstring(function: Any) -> Docstring:
    """The docstring of a function, taken apart."""
    reader = _Reader(inspect.cleandoc(function.__doc__ or "").splitlines())
    reader.read()
    summary = re.sub(r"\n{3,}", "\n\n", "\n".join(reader.kept)).strip()
    return Docstring(summary, {name: " ".join(words.split()) for name, words in reader.arguments.items()})


class _Reader:
    """Goes through the lines once, section by section."""

    def __init__(self, lines: list[str]) -> None:
        self.kept: list[str] = []
        self.arguments: dict[str, str] = {}
        self._lines = lines
        self._at = 0

    def read(self) -> None:
        while self._at < len(self._lines):
            line = self._lines[self._at]
            following = self._lines[self._at + 1 : self._at + 2]
            if line.strip() and following and _UNDERLINE.match(following[0]):
                self._at += 2
                self._numpy(line.strip())
            elif (heading := _SECTION.match(line)) and self._is_known(heading[1]):
                self._at += 1
                self._google(heading[1])
            elif (told := _FIELD.match(line)) and told[1] in _PARAM_FIELDS | _OTHER_FIELDS:
                self._at += 1
                self._sphinx(told)
            else:
                self.kept.append(line)
                self._at += 1

    def _google(self, heading: str) -> None:
        section = self._take(lambda line: not line.strip() or line[0].isspace())
        if heading.lower() not in _ARGUMENTS:
            return
        names: list[str] = []
        margin = 0
        for line in filter(str.strip, section):
            depth = len(line) - len(line.lstrip())
            found = _ENTRY.match(line)
            if found and (not names or depth <= margin):
                names, margin = _names(found[1]), depth
                self._tell(names, found[2])
            else:
                self._tell(names, line)

    def _numpy(self, heading: str) -> None:
        section: list[str] = []
        while self._at < len(self._lines):
            following = self._lines[self._at + 1 : self._at + 2]
            if self._lines[self._at].strip() and following and _UNDERLINE.match(following[0]):
                break
            section.append(self._lines[self._at])
            self._at += 1
        if not self._is_known(heading):
            self.kept += [heading, *section]
        elif heading.lower() in _ARGUMENTS:
            names: list[str] = []
            for line in filter(str.strip, section):
                found = None if line[0].isspace() else _NUMPY_ENTRY.match(line)
                if found:
                    names = _names(found[1])
                    self._tell(names, "")
                else:
                    self._tell(names, line)

    def _sphinx(self, told: re.Match[str]) -> None:
        names = _names(told[2].split()[-1]) if told[1] in _PARAM_FIELDS and told[2] else []
        self._tell(names, told[3])
        for line in self._take(lambda line: bool(line.strip()) and line[0].isspace()):
            self._tell(names, line)

    def _take(self, belongs: Callable[[str], bool]) -> list[str]:
        start = self._at
        while self._at < len(self._lines) and belongs(self._lines[self._at]):
            self._at += 1
        return self._lines[start : self._at]

    def _tell(self, names: list[str], words: str) -> None:
        for name in names:
            self.arguments[name] = f"{self.arguments.get(name, '')} {words}"

    @staticmethod
    def _is_known(heading: str) -> bool:
        return heading.lower() in _ARGUMENTS | _NOT_FOR_THE_MODEL


def _names(text: str) -> list[str]:
    return [name.strip().lstrip("*") for name in text.split(",")]
