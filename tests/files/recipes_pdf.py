"""How the sample PDF files are made."""

from __future__ import annotations

from pathlib import Path

from files.recipes import command, node, office, python, run


def _office(work: Path, made: Path) -> None:
    run("pandoc", "story.html", "-o", "story.odt")
    office("story.html", "odt:writer8")(work, work / "page.odt")
    office(
        "page.odt",
        'pdf:writer_pdf_Export:{"ExportBookmarks":{"type":"boolean","value":"true"}}',
    )(work, made)


def _ghostscript(work: Path, made: Path) -> None:
    postscript = run("groff", "-K", "utf8", "-t", "-ms", "-T", "ps", "story.ms")
    (work / "story.ps").write_bytes(postscript)
    run("ps2pdf", "story.ps", made)


def _groff(work: Path, made: Path) -> None:
    made.write_bytes(run("groff", "-K", "utf8", "-t", "-ms", "-T", "pdf", "story.ms"))


def _chromium(work: Path, made: Path) -> None:
    run("chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={work}/chromium",
        f"--print-to-pdf={made}", "--generate-pdf-document-outline", "--no-pdf-header-footer", "story.html")  # fmt: skip


_PARTS = """
import sys
sys.path.insert(0, str(Path(out).parents[2]))
from files.sources import PARTS
from files.story import ITEMS, TABLE
"""

_REPORTLAB = (
    _PARTS
    + """
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import ListFlowable, PageBreak, Paragraph, SimpleDocTemplate, Table
styles, flow = getSampleStyleSheet(), []
class Doc(SimpleDocTemplate):
    def afterFlowable(self, flowable):
        if flowable.__class__ is Paragraph and flowable.style.name.startswith("Heading"):
            text = flowable.getPlainText()
            self.canv.bookmarkPage(text)
            self.canv.addOutlineEntry(text, text, int(flowable.style.name[-1]) - 1)
for number, ((level, heading), paragraphs) in enumerate(PARTS):
    flow += [PageBreak()] * (number == 4) + [Paragraph(heading, styles[f"Heading{level}"])]
    flow += [Paragraph(each, styles["BodyText"]) for each in paragraphs]
    if number == 2:
        flow.append(ListFlowable([Paragraph(each, styles["BodyText"]) for each in ITEMS], bulletType="bullet"))
    if number == 3:
        flow.append(Table(TABLE))
Doc(out, title="The Harbour of Elmsund", invariant=1).build(flow)
"""
)

_FPDF = (
    _PARTS
    + """
from fpdf import FPDF
pdf = FPDF()
pdf.set_title("The Harbour of Elmsund")
pdf.add_font("DejaVu", "", "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
pdf.set_font("DejaVu", size=11)
pdf.add_page()
for number, ((level, heading), paragraphs) in enumerate(PARTS):
    if number == 4:
        pdf.add_page()
    pdf.start_section(heading, level - 1)
    pdf.multi_cell(0, 8, heading, new_x="LMARGIN", new_y="NEXT")
    for paragraph in [*paragraphs, *(ITEMS if number == 2 else ())]:
        pdf.multi_cell(0, 6, paragraph, new_x="LMARGIN", new_y="NEXT")
    if number == 3:
        with pdf.table(TABLE, first_row_as_headings=False):
            pass
pdf.output(out)
"""
)

_QT = """
import os
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from PySide6.QtGui import QGuiApplication, QPageSize, QPdfWriter, QTextDocument
app = QGuiApplication([])
writer = QPdfWriter(out)
writer.setTitle("The Harbour of Elmsund")
writer.setResolution(96)
writer.setPageSize(QPageSize(QPageSize.A5))
document = QTextDocument()
document.setHtml(html)
document.print_(writer)
"""

_MUPDF = """
import pymupdf
story = pymupdf.Story(html.split("</nav>")[1].replace("page-break-before", "x"))
writer, more = pymupdf.DocumentWriter("large.pdf"), 1
page = pymupdf.paper_rect("a6")
while more:
    device = writer.begin_page(page)
    more, _ = story.place(page + (36, 36, -36, -36))
    story.draw(device)
    writer.end_page()
writer.close()
document = pymupdf.open("large.pdf")
document.subset_fonts()
document.save(out, garbage=4, deflate=True)
"""

_PDFKIT = """
const PDFDocument = require('pdfkit'), {parts, items, table} = JSON.parse(fs.readFileSync('parts.json'));
const pdf = new PDFDocument({info: {Title: 'The Harbour of Elmsund', CreationDate: new Date(0)}, size: 'A5'});
pdf.pipe(fs.createWriteStream(out));
const open = [pdf.outline];
parts.forEach(([[level, heading], paragraphs], number) => {
  if (number === 4) pdf.addPage();
  open[level] = open[level - 1].addItem(heading);
  pdf.fontSize(18 - 2 * level).text(heading).moveDown().fontSize(11);
  paragraphs.forEach(each => pdf.text(each).moveDown());
  if (number === 2) pdf.list(items).moveDown();
  if (number === 3) table.forEach(row => pdf.text(row.join('    ')));
});
pdf.end();
"""

_PDFMAKE = """
const {parts, items, table} = JSON.parse(fs.readFileSync('parts.json')), content = [];
const path = '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf';
parts.forEach(([[level, heading], paragraphs], number) => {
  content.push({text: heading, fontSize: 20 - 2 * level, outline: true, pageBreak: number === 4 ? 'before' : undefined});
  paragraphs.forEach(each => content.push({text: each, margin: [0, 6]}));
  if (number === 2) content.push({ul: items});
  if (number === 3) content.push({table: {body: table}});
});
const Printer = require('pdfmake/js/Printer').default, urls = {resolve() {}, resolved: async () => {}};
const fonts = {Roboto: {normal: path, bold: path, italics: path, bolditalics: path}};
(async () => {
  const pdf = await new Printer(fonts, undefined, urls).createPdfKitDocument({
    content, pageSize: 'A5', info: {creationDate: new Date(0)},
  });
  pdf.pipe(fs.createWriteStream(out));
  pdf.end();
})();
"""


def of_parts(code: str):
    def make(work: Path, made: Path) -> None:
        import json

        from files.sources import PARTS
        from files.story import ITEMS, TABLE

        (work / "parts.json").write_text(json.dumps({"parts": PARTS, "items": ITEMS, "table": TABLE}))
        node(code)(work, made)

    return make


RECIPES = {
    "pdf/libreoffice.pdf": _office,
    "pdf/chromium.pdf": _chromium,
    "pdf/wkhtmltopdf.pdf": command("wkhtmltopdf", "-q", "-s", "A5", "story.html", "{out}"),
    "pdf/weasyprint.pdf": python("import weasyprint\nweasyprint.HTML(string=html).write_pdf(out)"),
    "pdf/pdflatex.pdf": command(
        "pandoc", "story.html", "--pdf-engine=pdflatex", "-V", "geometry:a5paper", "-o", "{out}"
    ),
    "pdf/groff.pdf": _groff,
    "pdf/ghostscript.pdf": _ghostscript,
    "pdf/reportlab.pdf": python(_REPORTLAB),
    "pdf/fpdf2.pdf": python(_FPDF),
    "pdf/qt.pdf": python(_QT),
    "pdf/mupdf.pdf": python(_MUPDF),
    "pdf/pdfkit.pdf": of_parts(_PDFKIT),
    "pdf/pdfmake.pdf": of_parts(_PDFMAKE),
    "pdf/xhtml2pdf.pdf": python("from xhtml2pdf import pisa\npisa.CreatePDF(html, open(out, 'wb'))"),
}
