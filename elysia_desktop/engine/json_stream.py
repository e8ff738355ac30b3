"""Picks the text out of a JSON reply while it is still being written."""

from __future__ import annotations

from collections.abc import Callable

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


class TextPicker:
    """Passes on the string values of the key `text`, piece by piece, wherever they stand in the reply.

    A space is put between two values that would touch. Input that is not JSON passes nothing on.
    """

    def __init__(self, on_text: Callable[[str], None], key: str = "text") -> None:
        self._on_text = on_text
        self._key = key
        self._in_string = False
        self._escape = ""
        self._string = ""
        self._last_key = ""
        self._is_value = False
        self._last_passed_on = ""
        self._wants_space = False
        self._high = ""

    def reset(self) -> None:
        """Begin anew: what follows is another reply."""
        self._in_string, self._escape, self._string, self._high = False, "", "", ""
        self._last_key, self._is_value = "", False

    def feed(self, delta: str) -> None:
        """Take the next piece of the reply."""
        out: list[str] = []
        for char in delta:
            if self._in_string:
                self._within(char, out)
            else:
                self._between(char)
        text = "".join(out)
        if text:
            self._on_text(text)

    def _between(self, char: str) -> None:
        if char == '"':
            self._in_string, self._string = True, ""
            self._wants_space = bool(self._last_passed_on) and not self._last_passed_on.isspace()
        elif char == ":":
            self._last_key, self._is_value = self._string, True
        elif char in ",{}[]":
            self._is_value = False

    def _within(self, char: str, out: list[str]) -> None:
        if self._escape:
            self._escape += char
            char = self._unescaped()
            if not char:
                return
        elif char == "\\":
            self._escape = char
            return
        elif char == '"':
            self._in_string = False
            return
        if not (self._is_value and self._last_key == self._key):
            self._string += char
            return
        if self._wants_space and not char.isspace():
            out.append(" ")
        self._wants_space = False
        self._last_passed_on = char
        out.append(char)

    def _unescaped(self) -> str:
        """The character an escape stands for, once it is complete."""
        body = self._escape[1:]
        if body[0] != "u":
            self._escape = ""
            return _ESCAPES.get(body, body)
        if len(body) < 5:
            return ""
        try:
            char = chr(int(body[1:], 16))
        except ValueError:
            char = "\ufffd"
        self._escape = ""
        return self._paired(char)

    def _paired(self, char: str) -> str:
        """A character beyond the basic plane comes as two escapes; half of one passes nothing on."""
        high, self._high = self._high, ""
        if "\ud800" <= char <= "\udbff":
            self._high = char
            return ""
        if "\udc00" <= char <= "\udfff":
            return (high + char).encode("utf-16", "surrogatepass").decode("utf-16") if high else ""
        return char
