"""How the protected sample files are made of others."""

from __future__ import annotations

from pathlib import Path

from files.recipes import python, run

STORY = Path(__file__).resolve().parent / "pdf" / "reportlab.pdf"


def _locked(user: str, bits: str, *more: str):
    """A recipe: the story protected by a password of the owner and one of the user, which may be empty."""

    def make(work: Path, made: Path) -> None:
        run("qpdf", "--allow-weak-crypto", "--encrypt", user, "owner", bits, *more, "--", STORY, made)

    return make


def _word(work: Path, made: Path) -> None:
    run("pandoc", "story.html", "-o", "story.docx")
    python(
        "import msoffcrypto\nmsoffcrypto.OfficeFile(open('story.docx', 'rb')).encrypt('secret', open(out, 'wb'))"
    )(work, made)


RECIPES = {
    "locked/owner_only_rc4.pdf": _locked("", "128", "--print=none"),
    "locked/owner_only_aes256.pdf": _locked("", "256", "--extract=n"),
    "locked/user_rc4.pdf": _locked("secret", "40"),
    "locked/user_aes256.pdf": _locked("secret", "256"),
    "locked/msoffcrypto.docx": _word,
}
