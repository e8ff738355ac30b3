import re
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from elysia_desktop.core.errors import MissingExtra
from elysia_desktop.stores.files.base import FileRefused
from elysia_desktop.stores.files.limits import Limits
from elysia_desktop.stores.files.reading import read_file

SAMPLE = Path(__file__).resolve().parents[3] / "files" / "docx" / "pandoc.docx"
SPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)


def made(path, body, prolog="", **others):
    """A Word document with this body, the rest being the sample's."""
    with ZipFile(SAMPLE) as sample, ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name in sample.namelist():
            data = sample.read(name)
            if name == "word/document.xml":
                data = f'<?xml version="1.0"?>{prolog}<w:document {SPACES}><w:body>{body}</w:body></w:document>'.encode()
            archive.writestr(name, others.get(name, data))
    return path


def paragraph(text, properties=""):
    return f'<w:p><w:pPr>{properties}</w:pPr><w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def run(text, element="t"):
    return f"<w:r><w:{element}>{text}</w:{element}></w:r>"


def read(tmp_path, body, **options):
    return read_file(made(tmp_path / "a.docx", body, **options))


def test_what_was_deleted_or_is_shown_twice_is_left_out(tmp_path):
    box = f"<w:txbxContent><w:p>{run('In a box')}</w:p></w:txbxContent>"
    body = (
        f"<w:p>{run('One ')}<w:ins>{run('two')}</w:ins><w:del>{run('no', 'delText')}</w:del>"
        f"<w:moveFrom>{run('no')}</w:moveFrom>{run('PAGE', 'instrText')}<w:r><w:tab/><w:t>three</w:t><w:br/>"
        "<w:t>non</w:t><w:noBreakHyphen/><w:t>stop</w:t></w:r></w:p>"
        f"<w:p><w:r><mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p><w:p><m:oMath><m:r><m:t>E=mc</m:t></m:r></m:oMath></w:p>"
    )
    assert read(tmp_path, body).text == "One two\tthree\nnon-stop\n\nIn a box\n\nE=mc"


def test_content_controls_are_looked_into(tmp_path):
    body = f"<w:sdt><w:sdtContent>{paragraph('In a control')}</w:sdtContent></w:sdt>{paragraph('after')}"
    assert read(tmp_path, body).text == "In a control\n\nafter"


def test_items_of_a_list_stand_together(tmp_path):
    item = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
    body = paragraph("Before") + paragraph("a", item) + paragraph("b", item) + paragraph("After")
    assert read(tmp_path, body).text == "Before\n\n- a\n- b\n\nAfter"


def test_a_row_of_a_table_is_a_line_also_with_tables_in_cells(tmp_path):
    inner = f"<w:tbl><w:tr><w:tc>{paragraph('c')}</w:tc></w:tr></w:tbl>"
    body = (
        f"<w:tbl><w:tr><w:tc>{paragraph('a')}{paragraph('b')}</w:tc><w:tc>{inner}</w:tc></w:tr>"
        f"<w:tr><w:tc>{paragraph('d')}</w:tc><w:tc><w:p/></w:tc></w:tr></w:tbl>{paragraph('after')}"
    )
    assert re.sub(" +", " ", read(tmp_path, body).text) == "a b | c\nd |\n\nafter"


def test_headings_are_told_by_style_or_outline_level(tmp_path):
    body = (
        paragraph("One", '<w:pStyle w:val="Heading1"/>')
        + paragraph("Two", '<w:pStyle w:val="Heading2"/>')
        + paragraph("Three", '<w:outlineLvl w:val="2"/>')
        + paragraph("text", '<w:outlineLvl w:val="9"/>')
        + paragraph("The title", '<w:pStyle w:val="Title"/>')
    )
    document = read(tmp_path, body)
    assert [(heading.level, heading.text) for heading in document.headings] == [
        (1, "One"),
        (2, "Two"),
        (3, "Three"),
    ]


def with_notes(path, fill):
    """A document that `fill` writes, with a footnote “Below” and an endnote “Behind”, both numbered 2."""
    from docx import Document
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    document = Document()

    def refer(paragraph, kind):
        reference = document.element.body.makeelement(_w(f"{kind}Reference"), {_w("id"): "2"})
        paragraph.add_run()._r.append(reference)

    fill(document, refer)
    for kind, text in (("footnote", "Below"), ("endnote", "Behind")):
        notes = f'<w:{kind}s {SPACES}><w:{kind} w:id="2"><w:p>{run(text)}</w:p></w:{kind}></w:{kind}s>'
        told = f"application/vnd.openxmlformats-officedocument.wordprocessingml.{kind}s+xml"
        part = Part(PackURI(f"/word/{kind}s.xml"), told, notes.encode(), document.part.package)
        document.part.relate_to(part, getattr(RELATIONSHIP_TYPE, f"{kind}s".upper()))
    document.save(str(path))
    return read_file(path).text


def test_notes_stand_behind_the_paragraph_that_refers_to_them(tmp_path):
    def fill(document, refer):
        refer(document.add_paragraph("One"), "footnote")
        refer(document.add_paragraph("Two"), "endnote")
        document.add_paragraph("Three")

    told = with_notes(tmp_path / "a.docx", fill)
    assert told == "One[2]\n\n[2] Below\n\nTwo[e2]\n\n[e2] Behind\n\nThree"


def test_notes_stand_behind_the_table_that_refers_to_them(tmp_path):
    def fill(document, refer):
        table = document.add_table(2, 1)
        for cell, text in zip(table.columns[0].cells, ("One", "Two"), strict=True):
            cell.text = text
        refer(table.cell(0, 0).paragraphs[0], "footnote")
        document.add_paragraph("Three")

    assert with_notes(tmp_path / "a.docx", fill) == "One[2]\nTwo\n\n[2] Below\n\nThree"


def _w(name):
    return f"{{http://schemas.openxmlformats.org/wordprocessingml/2006/main}}{name}"


def unfolding(levels):
    told = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, levels))
    return f'<!DOCTYPE w:document [<!ENTITY e0 "ha"><!ENTITY file SYSTEM "file:///etc/hostname">{told}]>'


def test_entities_are_not_loaded(tmp_path):
    body = paragraph("Seen") + paragraph("&file;") + paragraph("&e0;")
    assert read(tmp_path, body, prolog=unfolding(1)).text == "Seen"


def test_entities_that_unfold_without_end_are_refused(tmp_path):
    with pytest.raises(FileRefused, match="is damaged"):
        read(tmp_path, paragraph("Seen") + paragraph("&e11;"), prolog=unfolding(12))


def test_a_document_that_would_unpack_to_gigabytes_is_refused(tmp_path):
    path = tmp_path / "bomb.docx"
    with ZipFile(SAMPLE) as sample, ZipFile(path, "w", ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sample.namelist():
            archive.writestr(name, sample.read(name))
        with archive.open("word/media/image1.xml", "w") as part:
            for _ in range(40):
                part.write(bytes(1_000_000))
    assert path.stat().st_size < 100_000
    with pytest.raises(FileRefused, match="would unpack to 40 MB, which is more than is read"):
        read_file(path)


def test_a_part_that_is_longer_than_it_says_is_not_unpacked_further(tmp_path):
    path = made(tmp_path / "liar.docx", paragraph("x" * 5_000_000))
    data = bytearray(path.read_bytes())
    with ZipFile(path) as archive:
        size = archive.getinfo("word/document.xml").file_size
    assert data.count(size.to_bytes(4, "little")) == 2
    path.write_bytes(bytes(data).replace(size.to_bytes(4, "little"), (1_000).to_bytes(4, "little")))
    with pytest.raises(FileRefused, match="is damaged"):
        read_file(path)


def test_more_parts_than_any_document_has_are_refused(tmp_path):
    path = made(tmp_path / "many.docx", paragraph("One"))
    with ZipFile(path, "a") as archive:
        for number in range(60):
            archive.writestr(f"word/media/{number}.png", "")
    with pytest.raises(FileRefused, match="holds more than 50 files"):
        read_file(path, Limits(parts=50))


@pytest.mark.parametrize("kept", [0.3, 0.7, 0.99])
def test_a_document_that_is_cut_is_refused(tmp_path, kept):
    path = tmp_path / "cut.docx"
    data = SAMPLE.read_bytes()
    path.write_bytes(data[: int(len(data) * kept)])
    with pytest.raises(FileRefused, match="is damaged"):
        read_file(path)


def test_a_document_whose_text_is_damaged_is_refused(tmp_path):
    path = tmp_path / "damaged.docx"
    data = bytearray(SAMPLE.read_bytes())
    with ZipFile(SAMPLE) as archive:
        at = archive.getinfo("word/document.xml").header_offset + 100
    data[at : at + 40] = bytes(40)
    path.write_bytes(data)
    with pytest.raises(FileRefused, match="is damaged"):
        read_file(path)


def test_xml_nested_without_end_is_refused(tmp_path):
    depth = 100_000
    with pytest.raises(FileRefused, match="is damaged"):
        read(tmp_path, "<w:sdt><w:sdtContent>" * depth + "</w:sdtContent></w:sdt>" * depth)


def test_the_missing_part_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "docx", None)
    with pytest.raises(MissingExtra, match="To read Word documents, the optional part “documents” is needed"):
        read_file(SAMPLE)
