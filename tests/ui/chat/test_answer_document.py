import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QTextCursor, QTextDocument

from elysia_desktop.ui.chat.answer_document import AnswerDocument
from elysia_desktop.ui.theme import LIGHT


@pytest.fixture
def document(qapp):
    return AnswerDocument()


def test_an_image_becomes_a_link_with_its_words(document):
    document.show_markdown("See ![the chart](file:///etc/hostname) here", LIGHT, str)
    assert document.toPlainText() == "See the chart here"
    cursor = QTextCursor(document)
    cursor.setPosition(6)
    assert cursor.charFormat().anchorHref() == "file:///etc/hostname"
    assert not cursor.charFormat().isImageFormat()


def test_html_is_shown_as_text(document):
    document.show_markdown("a <b>bold</b> <img src='file:///etc/hostname'>", LIGHT, str)
    assert "<b>bold</b>" in document.toPlainText()


def test_no_file_is_read(document, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    loaded = document.resource(QTextDocument.ResourceType.HtmlResource.value, QUrl.fromLocalFile(secret))
    assert not loaded


def test_citations_are_found_behind_an_image(document):
    (badge,) = document.show_markdown("![a long description](x.png) 4.8 [1](ref:a)", LIGHT, str)
    assert document.toPlainText()[badge.position : badge.position + badge.length] == "1"


def test_the_tooltip_of_a_citation_is_never_markup(document):
    (badge,) = document.show_markdown("[1](ref:a)", LIGHT, lambda ref_id: f"<img src=x> {ref_id}")
    cursor = QTextCursor(document)
    cursor.setPosition(badge.position + 1)
    assert cursor.charFormat().toolTip() == "<p>&lt;img src=x&gt; a</p>"


def test_lines_of_a_fence_share_one_ground(document):
    document.show_markdown("a\n\n```\none\n\ntwo\n```\n\nb\n\n```\nthree\n```", LIGHT, str)
    document.setTextWidth(400)
    assert len(document.fences()) == 2
