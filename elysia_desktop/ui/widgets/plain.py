"""Text of others, shown as it is: never as markup."""

from __future__ import annotations

from html import escape


def plain_tip(text: str) -> str:
    """The text as a tooltip, which would otherwise be read as HTML when it looks like it."""
    return f"<p>{escape(text).replace(chr(10), '<br>')}</p>" if text else ""


def menu_text(text: str) -> str:
    """The text as it must be given to a button or menu so that `&` is shown and no shortcut is made."""
    return text.replace("&", "&&")
