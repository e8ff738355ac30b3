"""The story in the forms that programs take in: HTML, Markdown, groff."""

from __future__ import annotations

from files.story import BRIDGE, HEADINGS, ITEMS, LIGHTHOUSE, MARKET, TABLE

PARTS = (
    (HEADINGS[0], ()),
    (HEADINGS[1], BRIDGE),
    (HEADINGS[2], MARKET),
    (HEADINGS[3], ()),
    (HEADINGS[4], LIGHTHOUSE),
)
"""Each heading with its paragraphs; the list stands under the third, the table under the fourth, then a new page."""


def html() -> str:
    """A page with what no reader sees: a script, a style, navigation."""
    rows = [
        "".join(f"<{tag}>{cell}</{tag}>" for cell in row)
        for tag, row in zip(("th", *["td"] * 9), TABLE, strict=False)
    ]
    blocks: list[str] = []
    for number, ((level, heading), paragraphs) in enumerate(PARTS):
        new_page = ' style="page-break-before: always"' if number == 4 else ""
        blocks.append(f"<h{level}{new_page}>{heading}</h{level}>")
        blocks += [f"<p>{paragraph}</p>" for paragraph in paragraphs]
        if number == 2:
            blocks.append("<ul>" + "".join(f"<li>{item}</li>" for item in ITEMS) + "</ul>")
        if number == 3:
            blocks.append('<table border="1">' + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>")
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>The Harbour of Elmsund</title>\n'
        "<style>body { font-family: serif; max-width: 40em }</style><script>var hidden = 'never read';</script></head>\n"
        '<body><nav><a href="https://example.org/">Start here</a></nav>\n'
        + "\n".join(blocks)
        + "\n</body></html>\n"
    )


def markdown() -> str:
    """The story in plain Markdown, the ferryman linked and the engineer in italics."""
    blocks: list[str] = []
    for number, ((level, heading), paragraphs) in enumerate(PARTS):
        blocks.append(f"{'#' * level} {heading}")
        blocks += paragraphs
        if number == 2:
            blocks.append("\n".join(f"- {item}" for item in ITEMS))
        if number == 3:
            head, *rows = ("| " + " | ".join(row) + " |" for row in TABLE)
            blocks.append("\n".join((head, "|---|---|--:|", *rows)))
    text = "\n\n".join(blocks) + "\n"
    return text.replace("Jürgen Öhlschläger", "[Jürgen Öhlschläger](https://example.org/ferry)").replace(
        "Agnes Weiß", "*Agnes Weiß*"
    )


def groff() -> str:
    """The story for groff with the macros `ms` and the preprocessor `tbl`."""
    lines = [
        ".nr PS 11",
        ".nr LL 15c",
        ".kern 0",
        ".hy 0",
    ]  # pypdf parts words where groff moves letters closer
    for number, ((level, heading), paragraphs) in enumerate(PARTS):
        lines += [*((".bp",) if number == 4 else ()), f".NH {level}", heading, ".LP"]
        for paragraph in paragraphs:
            lines += [".LP", paragraph]
        if number == 2:
            for item in ITEMS:
                lines += [".IP \\(bu 2", item]
        if number == 3:
            lines += [".TS", "l l r.", *("\t".join(row) for row in TABLE), ".TE"]
    return "\n".join(line for line in lines if line) + "\n"
