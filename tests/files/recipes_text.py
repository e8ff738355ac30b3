"""How the sample web pages, Markdown files and texts are made."""

from __future__ import annotations

from pathlib import Path

from files.recipes import node, office, printed, python, run


def _by_way_of(form: str, *then: str):
    """A recipe: what the last command prints when it reads the story in another form that pandoc writes."""

    def make(work: Path, made: Path) -> None:
        run("pandoc", "story.html", "-s", "-o", f"story.{form}")
        made.write_bytes(run(*then))

    return make


def _abiword(form: str):
    def make(work: Path, made: Path) -> None:
        run("pandoc", "-s", "story.html", "-o", "story.rtf")
        run("abiword", f"--to={form}", "-o", made, "story.rtf")

    return make


def _rst_html(work: Path, made: Path) -> None:
    run("pandoc", "story.html", "-s", "-t", "rst", "-o", "story.rst")
    made.write_bytes(run("rst2html", "--stylesheet=", "--no-generator", "--no-datestamp", "story.rst"))


def _sphinx(builder: str, name: str):
    def make(work: Path, made: Path) -> None:
        folder = work / "sphinx"
        folder.mkdir(exist_ok=True)
        extensions = "extensions = ['sphinx_markdown_builder']\n" if builder == "markdown" else ""
        (folder / "conf.py").write_text(extensions + "html_theme = 'basic'\nproject = 'Elmsund'\n")
        run("pandoc", "story.html", "-s", "-t", "rst", "-o", folder / "index.rst")
        python(f"import sphinx.cmd.build as b; b.main(['-b', {builder!r}, 'sphinx', 'sphinx/{builder}'])")(
            work, made
        )
        made.write_bytes((folder / builder / name).read_bytes())

    return make


def _notebook(form: str):
    def make(work: Path, made: Path) -> None:
        run("pandoc", "story.md", "-t", "ipynb", "-o", "story.ipynb")
        template = "['--template', 'basic']" if form == "html" else "[]"
        python(
            "from nbconvert.nbconvertapp import main\n"
            f"main(['story.ipynb', '--to', {form!r}, '--output', 'notebook', *{template}])"
        )(work, made)
        suffix = {"html": "html", "markdown": "md"}[form]
        made.write_bytes((work / f"notebook.{suffix}").read_bytes())

    return make


def _mammoth(form: str):
    def make(work: Path, made: Path) -> None:
        run("pandoc", "story.html", "-o", "story.docx")
        python(
            "import mammoth\n"
            f"told = mammoth.convert(open('story.docx', 'rb'), output_format={form!r}).value\n"
            "Path(out).write_text(told, 'utf-8')"
        )(work, made)

    return make


def _pdftohtml(work: Path, made: Path) -> None:
    run("wkhtmltopdf", "-q", "story.html", "story.pdf")
    made.write_bytes(run("pdftohtml", "-stdout", "-noframes", "-i", "story.pdf"))


def _pdftotext(work: Path, made: Path) -> None:
    run("wkhtmltopdf", "-q", "story.html", "story.pdf")
    made.write_bytes(run("pdftotext", "-layout", "story.pdf", "-"))


def _tidy(work: Path, made: Path) -> None:
    (work / "untidy.html").write_text(
        Path("story.html").read_text("utf-8").replace("</p>", "").replace("</li>", ""), "utf-8"
    )
    made.write_bytes(
        run("tidy", "-q", "-asxhtml", "-n", "--show-warnings", "no", "--tidy-mark", "no", "untidy.html")
    )


def _office_text(work: Path, made: Path) -> None:
    run("pandoc", "story.html", "-o", "story.odt")
    office("story.odt", "txt:Text (encoded):UNICODE,CRLF")(work, made)


_HTML = {
    "html/pandoc.html": printed(
        "pandoc", "-s", "story.md", "-t", "html5", "--metadata", "title=The Harbour of Elmsund"
    ),
    "html/libreoffice.html": office("story.html", "html:HTML (StarWriter)"),
    "html/abiword.html": _abiword("html"),
    "html/docutils.html": _rst_html,
    "html/asciidoctor.html": _by_way_of(
        "adoc", "asciidoctor", "-a", "stylesheet!", "-a", "reproducible", "-o", "-", "story.adoc"
    ),
    "html/sphinx.html": _sphinx("html", "index.html"),
    "html/nbconvert.html": _notebook("html"),
    "html/mammoth.html": _mammoth("html"),
    "html/pdftohtml.html": _pdftohtml,
    "html/tidy.html": _tidy,
    "html/discount.html": printed("markdown", "-f", "html5", "story.md"),
    "html/cmark.html": printed("cmark", "story.md"),
}
_MARKDOWN = {
    "markdown/pandoc.md": printed("pandoc", "-s", "story.html", "-t", "markdown"),
    "markdown/pandoc_gfm.md": printed("pandoc", "story.html", "-t", "gfm"),
    "markdown/cmark.md": printed("cmark", "-t", "commonmark", "--width", "60", "story.md"),
    "markdown/markdownify.md": python(
        "from markdownify import markdownify\nPath(out).write_text(markdownify(html.split('</nav>')[1]), 'utf-8')"
    ),
    "markdown/html2text.md": python(
        "import html2text\nPath(out).write_text(html2text.html2text(html.split('</nav>')[1]), 'utf-8')"
    ),
    "markdown/turndown.md": node(
        "const text = new (require('turndown'))({headingStyle: 'setext'}).turndown(html.split('</nav>')[1]);\n"
        "fs.writeFileSync(out, text)"
    ),
    "markdown/nbconvert.md": _notebook("markdown"),
    "markdown/mammoth.md": _mammoth("markdown"),
    "markdown/mdformat.md": python(
        "import mdformat\ntext = mdformat.text(Path('story.md').read_text('utf-8'), extensions={'gfm'})\n"
        "Path(out).write_text(text, 'utf-8')"
    ),
    "markdown/prettier.md": node(
        "require('prettier').format(fs.readFileSync('story.md', 'utf8'), {parser: 'markdown', proseWrap: 'always'})\n"
        "  .then(text => fs.writeFileSync(out, text))"
    ),
    "markdown/sphinx.md": _sphinx("markdown", "index.md"),
}  # fmt: skip
_TEXT = {
    "text/pandoc.txt": printed("pandoc", "story.html", "-t", "plain"),
    "text/lynx.txt": printed("lynx", "-dump", "-nolist", "-display_charset=utf-8", "story.html"),
    "text/w3m.txt": printed("w3m", "-dump", "-O", "UTF-8", "story.html"),
    "text/elinks.txt": printed("elinks", "-dump", "-dump-charset", "utf-8", "-no-references", "story.html"),
    "text/html2text.txt": printed("html2text", "-utf8", "story.html"),
    "text/pdftotext.txt": _pdftotext,
    "text/groff.txt": printed("groff", "-K", "utf8", "-t", "-ms", "-T", "utf8", "-P", "-bcou", "story.ms"),
    "text/libreoffice.txt": _office_text,
    "text/abiword.txt": _abiword("txt"),
    "text/sphinx.txt": _sphinx("text", "index.txt"),
}
RECIPES = {**_HTML, **_MARKDOWN, **_TEXT}
