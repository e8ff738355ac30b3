"""How the sample Word documents are made."""

from __future__ import annotations

import os
from pathlib import Path

from files.recipes import command, node, office, python, run
from files.recipes_pdf import of_parts


def _office(form: str):
    def make(work: Path, made: Path) -> None:
        run("pandoc", "story.html", "-o", "story.odt")
        office("story.odt", form)(work, made)

    return make


_PYTHON_DOCX = """
import sys
sys.path.insert(0, str(Path(out).parents[2]))
from docx import Document
from files.sources import PARTS
from files.story import ITEMS, TABLE
document = Document()
document.core_properties.author = ""
document.core_properties.title = "The Harbour of Elmsund"
for number, ((level, heading), paragraphs) in enumerate(PARTS):
    document.add_heading(heading, level)
    for each in paragraphs:
        document.add_paragraph(each)
    if number == 2:
        for each in ITEMS:
            document.add_paragraph(each, style="List Bullet")
    if number == 3:
        table = document.add_table(0, 3)
        for row in TABLE:
            for cell, text in zip(table.add_row().cells, row):
                cell.text = text
        document.add_page_break()
document.save(out)
"""

_HTMLDOCX = """
from docx import Document
from htmldocx import HtmlToDocx
document = Document()
HtmlToDocx().add_html_to_document(html.split("</nav>")[1].replace("</body></html>", ""), document)
document.core_properties.author = ""
document.save(out)
"""

_DOCX = """
const docx = require('docx'), {parts, items, table} = JSON.parse(fs.readFileSync('parts.json')), children = [];
const cell = text => new docx.TableCell({children: [new docx.Paragraph(text)]});
parts.forEach(([[level, heading], paragraphs], number) => {
  const heads = docx.HeadingLevel['HEADING_' + level];
  children.push(new docx.Paragraph({text: heading, heading: heads, pageBreakBefore: number === 4}));
  paragraphs.forEach(each => children.push(new docx.Paragraph({children: [
    new docx.TextRun(each.slice(0, 20)), new docx.TextRun({text: each.slice(20), italics: true}),
  ]})));
  if (number === 2) items.forEach(each => children.push(new docx.Paragraph({text: each, bullet: {level: 0}})));
  if (number === 3) children.push(new docx.Table({rows: table.map(row => new docx.TableRow({children: row.map(cell)}))}));
});
const told = {creator: '', lastModifiedBy: '', title: 'The Harbour of Elmsund'};
const made = new docx.Document({...told, sections: [{children}]});
docx.Packer.toBuffer(made).then(bytes => fs.writeFileSync(out, bytes));
"""

_HTML_TO_DOCX = """
require('html-to-docx')(html.split('</nav>')[1].replace('</body></html>', ''), null, {creator: '', lastModifiedBy: ''})
  .then(bytes => fs.writeFileSync(out, Buffer.from(bytes)));
"""

_OFFICEGEN = """
const docx = require('officegen')('docx');
const {parts, items, table} = JSON.parse(fs.readFileSync('parts.json'));
parts.forEach(([[level, heading], paragraphs], number) => {
  const title = docx.createP();
  title.options.force_style = 'Heading' + level;
  title.addText(heading);
  paragraphs.forEach(each => docx.createP().addText(each));
  if (number === 2) items.forEach(each => docx.createListOfDots().addText(each));
  if (number === 3) docx.createTable(table.map(row => row.map(val => ({val, opts: {cellColWidth: 2000}}))), {});
});
docx.generate(fs.createWriteStream(out));
"""


def _godocx(work: Path, made: Path) -> None:
    of_parts("")(work, made)
    run(os.environ["GODOCX"], made)


def _abiword(work: Path, made: Path) -> None:
    run("pandoc", "-s", "story.html", "-o", "story.rtf")
    run("abiword", "--to=docx", "-o", made, "story.rtf")


RECIPES = {
    "docx/libreoffice.docx": _office("docx:MS Word 2007 XML"),
    "docx/libreoffice_strict.docx": _office("docx:Office Open XML Text"),
    "docx/pandoc.docx": command("pandoc", "story.html", "-o", "{out}"),
    "docx/abiword.docx": _abiword,
    "docx/python_docx.docx": python(_PYTHON_DOCX),
    "docx/htmldocx.docx": python(_HTMLDOCX),
    "docx/docx_js.docx": of_parts(_DOCX),
    "docx/html_to_docx.docx": node(_HTML_TO_DOCX),
    "docx/officegen.docx": of_parts(_OFFICEGEN),
    "docx/godocx.docx": _godocx,
}
