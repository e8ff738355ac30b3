"""An answer's parts as one Markdown text with numbered citations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

REF_SCHEME = "ref"
_AIR = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class AnswerText:
    """An answer ready to be shown."""

    title: str = ""
    words: str = ""
    """What the answer says, as it is copied: Markdown without citations."""
    markdown: str = ""
    """The same with a link `ref:<ref id>` per citation."""
    labels: dict[str, str] = field(default_factory=dict[str, str])
    """The citations in order of appearance: ref id to what stands on its badge, such as 1 or A1."""


def answer_text(payload: dict[str, Any]) -> AnswerText:
    """Read the content of a `text` payload."""
    labels: dict[str, str] = {}
    words, markdown = "", ""
    items: list[dict[str, Any]] = payload.get("objects") or []
    metadata: dict[str, Any] = payload.get("metadata") or {}
    for item in items:
        text = str(item.get("text") or "")
        ref_ids: list[str] = [*(item.get("ref_ids") or [])]
        for ref_id in ref_ids:
            labels.setdefault(ref_id, _label(ref_id, labels))
        words = _joined(words, text)
        markdown = _joined(markdown, _cited(text, list(dict.fromkeys(ref_ids)), labels))
    return AnswerText(str(metadata.get("title") or ""), words, markdown, labels)


def _label(ref_id: str, labels: dict[str, str]) -> str:
    prefix = "A" if ref_id.startswith("aggregate") else ""
    return f"{prefix}{1 + sum(label.startswith('A') == bool(prefix) for label in labels.values())}"


def _joined(before: str, part: str) -> str:
    if not before or not part:
        return before + part
    if part.startswith(("* ", "- ")) and not before.endswith("\n"):
        return f"{before}\n{part}"
    closed = before[-1].isspace() or part[0].isspace() or part[0] in ".,;:!?)]"
    return before + part if closed else f"{before} {part}"


def _cited(text: str, ref_ids: list[str], labels: dict[str, str]) -> str:
    if not ref_ids:
        return text
    body = text.rstrip()
    end = text[len(body) :]
    last = body.rsplit("\n", 1)[-1].lstrip()
    # Behind a fence or a table row a link would become part of it.
    gap = "\n\n" if last.startswith(("```", "~~~", "|")) else _AIR
    links = (f"[{_AIR}{labels[ref]}{_AIR}]({REF_SCHEME}:{quote(ref, safe='')})" for ref in ref_ids)
    return f"{body}{gap}{_AIR.join(links)}{end}"
