# ruff: noqa: E501 - the style sheet reads best one rule a line
"""Colours, sizes and the style sheet, light and dark."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QWidget

GRID = 4
RADIUS_CONTROL = 6
RADIUS_CARD = 10
UI_PX = 13
ANSWER_PX = 14
SMALL_PX = 11


@dataclass(frozen=True)
class Tokens:
    """The named colours of one theme; every text and ground pair has a contrast of at least 4.5:1."""

    bg: str
    panel: str
    side: str
    line: str
    text: str
    mute: str
    accent: str
    on_accent: str
    accent_ground: str
    selection: str
    prompt_ground: str
    chip: str
    warn: str
    error: str


LIGHT = Tokens(
    bg="#f6f7f9",
    panel="#ffffff",
    side="#eef0f3",
    line="#dfe3e8",
    text="#1b1f24",
    mute="#5f6873",
    accent="#0b7a5e",
    on_accent="#ffffff",
    accent_ground="#e3f4ee",
    selection="#dcefe8",
    prompt_ground="#e9eef9",
    chip="#edf0f4",
    warn="#b25e09",
    error="#b3261e",
)
DARK = Tokens(
    bg="#15181c",
    panel="#1c2025",
    side="#191c20",
    line="#2c323a",
    text="#e7eaee",
    mute="#9aa4af",
    accent="#3ecf9f",
    on_accent="#0b1712",
    accent_ground="#173b30",
    selection="#1d3b31",
    prompt_ground="#232c3d",
    chip="#272c33",
    warn="#e6a15a",
    error="#f2857c",
)


def tokens_of(widget: QWidget) -> Tokens:
    """The colours in force where this widget stands."""
    return DARK if widget.palette().color(QPalette.ColorRole.Window).lightness() < 128 else LIGHT


def apply(app: QApplication, appearance: str) -> None:
    """Dress the application: `light`, `dark`, or `system` to follow the desktop."""
    app.setStyle("Fusion")
    app.setFont(ui_font())
    tokens = DARK if appearance == "dark" or (appearance == "system" and system_is_dark()) else LIGHT
    app.setPalette(palette(tokens))
    app.setStyleSheet(style_sheet(tokens))


def system_is_dark() -> bool:
    """Whether the desktop asks for dark windows."""
    return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark


def ui_font() -> QFont:
    """The platform's interface font, Inter where there is one, at the interface size."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    if "Inter" in QFontDatabase.families():
        font.setFamily("Inter")
    font.setPixelSize(UI_PX)
    return font


def palette(tokens: Tokens) -> QPalette:
    """The Qt palette of a theme."""
    role = QPalette.ColorRole
    roles = {
        role.Window: tokens.bg,
        role.WindowText: tokens.text,
        role.Base: tokens.panel,
        role.AlternateBase: tokens.side,
        role.Text: tokens.text,
        role.Button: tokens.panel,
        role.ButtonText: tokens.text,
        role.BrightText: tokens.error,
        role.Highlight: tokens.selection,
        role.HighlightedText: tokens.text,
        role.Link: tokens.accent,
        role.LinkVisited: tokens.accent,
        role.Accent: tokens.accent,
        role.PlaceholderText: tokens.mute,
        role.ToolTipBase: tokens.panel,
        role.ToolTipText: tokens.text,
        role.Mid: tokens.line,
        role.Midlight: tokens.line,
        role.Light: tokens.panel,
        role.Dark: tokens.line,
        role.Shadow: tokens.line,
    }
    result = QPalette()
    for key, colour in roles.items():
        result.setColor(key, QColor(colour))
    for key in (role.WindowText, role.Text, role.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, key, QColor(tokens.mute))
    return result


def style_sheet(tokens: Tokens) -> str:
    """What the palette cannot say. Widgets choose a look by their dynamic property `look`."""
    t = tokens
    return f"""
QToolTip {{ background: {t.panel}; color: {t.text}; border: 1px solid {t.line}; padding: 4px 6px; }}
QMainWindow::separator {{ background: {t.line}; width: 1px; height: 1px; }}
QSplitter::handle {{ background: {t.line}; }}
QSplitter::handle:horizontal {{ width: 1px; }}
QSplitter::handle:vertical {{ height: 1px; }}
QMenuBar {{ background: {t.side}; color: {t.text}; border-bottom: 1px solid {t.line}; padding: 2px 6px; }}
QMenuBar::item {{ padding: 4px 8px; background: transparent; border-radius: 4px; }}
QMenuBar::item:selected {{ background: {t.chip}; }}
QMenu {{ background: {t.panel}; color: {t.text}; border: 1px solid {t.line}; padding: 4px; }}
QMenu::item {{ padding: 6px 24px 6px 12px; border-radius: 4px; }}
QMenu::item:selected {{ background: {t.selection}; }}
QMenu::item:disabled {{ color: {t.mute}; }}
QMenu::separator {{ height: 1px; background: {t.line}; margin: 4px 8px; }}
QStatusBar {{ background: {t.side}; color: {t.mute}; border-top: 1px solid {t.line}; }}
QStatusBar::item {{ border: none; }}
QStatusBar QLabel {{ color: {t.mute}; padding: 2px 6px; }}

QWidget[look="side"] {{ background: {t.side}; }}
QWidget[look="panel"] {{ background: {t.panel}; }}
QWidget[look="ground"] {{ background: {t.bg}; }}
QFrame[look="card"] {{ background: {t.panel}; border: 1px solid {t.line}; border-radius: {RADIUS_CARD}px; }}
QFrame[look="header"] {{ background: {t.side}; border: none; border-top: 1px solid {t.line}; border-bottom: 1px solid {t.line}; }}
QFrame[look="bar"] {{ background: {t.panel}; border: none; border-bottom: 1px solid {t.line}; }}
QFrame[look="foot"] {{ background: {t.panel}; border: none; border-top: 1px solid {t.line}; }}
QFrame[look="rule"] {{ background: {t.line}; border: none; }}
QFrame[look="mark"] {{ background: {t.accent}; border: none; border-radius: 1px; }}
QFrame[look="cited"] {{ background: {t.accent_ground}; border: none; }}
QFrame[look="prompt"] {{ background: {t.prompt_ground}; border: none; border-radius: {RADIUS_CARD}px; }}
QFrame[look="step"] {{ background: {t.panel}; border: 1px solid {t.line}; border-radius: {RADIUS_CONTROL}px; }}
QFrame[look="warning"] {{ background: {t.panel}; border: 1px solid {t.warn}; border-radius: {RADIUS_CONTROL}px; }}
QFrame[look="error"] {{ background: {t.panel}; border: 1px solid {t.error}; border-radius: {RADIUS_CONTROL}px; }}

QLabel[look="title"] {{ font-size: 15px; font-weight: 600; color: {t.text}; }}
QLabel[look="strong"] {{ font-weight: 600; color: {t.text}; }}
QLabel[look="mute"] {{ color: {t.mute}; }}
QLabel[look="small"] {{ color: {t.mute}; font-size: {SMALL_PX}px; }}
QLabel[look="warn"] {{ color: {t.warn}; background: transparent; border: none; }}
QLabel[look="error"] {{ color: {t.error}; background: transparent; border: none; }}
QLabel[look="good"] {{ color: {t.accent}; }}
QLabel[look="chip"] {{ background: {t.chip}; color: {t.mute}; border-radius: 11px; padding: 3px 10px; min-height: 16px; font-size: 12px; }}

QPushButton, QToolButton {{ background: {t.panel}; color: {t.text}; border: 1px solid {t.line};
    border-radius: {RADIUS_CONTROL}px; padding: 6px 12px; }}
QPushButton:hover, QToolButton:hover {{ background: {t.chip}; }}
QPushButton:focus, QToolButton:focus {{ border: 1px solid {t.accent}; }}
QPushButton:disabled, QToolButton:disabled {{ color: {t.mute}; background: {t.side}; }}
QPushButton[look="primary"] {{ background: {t.accent}; color: {t.on_accent}; border: 1px solid {t.accent}; font-weight: 600; }}
QPushButton[look="primary"]:hover {{ background: {t.accent}; border-color: {t.text}; }}
QPushButton[look="primary"]:focus {{ border: 2px solid {t.text}; padding: 5px 11px; }}
QPushButton[look="primary"]:disabled {{ background: {t.chip}; color: {t.mute}; border-color: {t.line}; }}
QPushButton[look="flat"], QToolButton[look="flat"] {{ background: transparent; border: 1px solid transparent;
    color: {t.mute}; padding: 3px 6px; }}
QPushButton[look="flat"]:hover, QToolButton[look="flat"]:hover {{ color: {t.text}; background: {t.chip}; }}
QPushButton[look="flat"]:focus, QToolButton[look="flat"]:focus {{ border: 1px solid {t.accent}; }}
QToolButton[look="rate"] {{ background: transparent; border: 1px solid transparent; padding: 3px 6px; }}
QToolButton[look="rate"]:hover {{ background: {t.chip}; }}
QToolButton[look="rate"]:checked {{ background: {t.accent_ground}; }}
QToolButton[look="rate"]:focus {{ border: 1px solid {t.accent}; }}
QPushButton[look="nav"] {{ background: transparent; border: 1px solid transparent; text-align: left; padding: 8px 8px; }}
QPushButton[look="nav"]:hover {{ background: {t.chip}; }}
QPushButton[look="nav"]:focus {{ border: 1px solid {t.accent}; }}
QPushButton[look="chip"], QToolButton[look="chip"] {{ background: {t.chip}; color: {t.mute}; border: 1px solid transparent;
    border-radius: 12px; padding: 3px 10px; font-size: 12px; }}
QPushButton[look="chip"]:hover, QToolButton[look="chip"]:hover {{ color: {t.text}; }}
QPushButton[look="chip"]:focus, QToolButton[look="chip"]:focus {{ border: 1px solid {t.accent}; }}
QToolButton[look="file"] {{ background: {t.accent_ground}; color: {t.text}; border: 1px solid transparent;
    border-radius: 12px; padding: 3px 10px 3px 8px; font-size: 12px; }}
QToolButton[look="unused file"] {{ background: {t.chip}; color: {t.mute}; border: 1px solid transparent;
    border-radius: 12px; padding: 3px 10px 3px 8px; font-size: 12px; text-decoration: line-through; }}
QToolButton[look="file"]:hover, QToolButton[look="unused file"]:hover {{ border: 1px solid {t.line}; }}
QToolButton[look="file"]:focus, QToolButton[look="unused file"]:focus {{ border: 1px solid {t.accent}; }}
QPushButton[look="pill"] {{ background: {t.panel}; border: 1px solid {t.line}; border-radius: 14px; padding: 5px 12px; }}
QPushButton[look="pill"]:hover {{ border-color: {t.accent}; }}
QToolButton::menu-indicator, QPushButton::menu-indicator {{ image: none; width: 0; }}

QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox, QComboBox {{ background: {t.panel}; color: {t.text};
    border: 1px solid {t.line}; border-radius: {RADIUS_CONTROL}px; padding: 6px 8px; selection-background-color: {t.selection};
    selection-color: {t.text}; placeholder-text-color: {t.mute}; }}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus {{
    border: 1px solid {t.accent}; }}
QLineEdit[look="field"], QComboBox[look="field"], QSpinBox[look="field"], QDoubleSpinBox[look="field"], QPlainTextEdit[look="field"] {{ background: {t.bg}; }}
QLineEdit[invalid="true"], QComboBox[invalid="true"], QSpinBox[invalid="true"], QDoubleSpinBox[invalid="true"], QPlainTextEdit[invalid="true"] {{ border: 1px solid {t.error}; }}
QPlainTextEdit[look="bare"], QTextBrowser[look="bare"] {{ background: transparent; border: none; padding: 0; }}
QPlainTextEdit[look="code"] {{ background: transparent; border: 1px solid transparent; border-radius: 4px; padding: 2px 3px; }}
QPlainTextEdit[look="code"]:focus {{ border: 1px solid {t.accent}; }}
QComboBox QAbstractItemView {{ background: {t.panel}; color: {t.text}; border: 1px solid {t.line};
    selection-background-color: {t.selection}; selection-color: {t.text}; outline: none; }}

QAbstractItemView {{ background: {t.panel}; color: {t.text}; border: none; outline: none;
    selection-background-color: {t.selection}; selection-color: {t.text}; gridline-color: {t.line}; }}
QAbstractItemView[look="side"] {{ background: {t.side}; }}
QTreeView::item {{ padding: 3px 2px; border: none; }}
QTreeView::item:selected, QListView::item:selected, QTableView::item:selected {{ background: {t.selection}; color: {t.text}; }}
QHeaderView {{ background: {t.panel}; }}
QHeaderView::section {{ background: {t.panel}; color: {t.mute}; border: none; border-bottom: 1px solid {t.line};
    padding: 6px 12px; font-size: {SMALL_PX}px; font-weight: 600; }}
QTableView {{ background: {t.panel}; }}
QTableView QTableCornerButton::section {{ background: {t.panel}; border: none; }}

QTabWidget::pane {{ border: none; border-top: 1px solid {t.line}; }}
QTabBar {{ background: {t.panel}; }}
QTabBar::tab {{ background: transparent; color: {t.mute}; height: 29px; padding: 0 12px 6px 12px; border: none;
    border-bottom: 2px solid transparent; }}
QTabBar::tab:selected {{ color: {t.text}; font-weight: 600; border-bottom: 2px solid {t.accent}; }}
QTabBar::tab:hover {{ color: {t.text}; }}
QTabBar::tab:focus {{ color: {t.accent}; }}
QDockWidget {{ background: {t.panel}; }}

QScrollArea {{ border: none; background: transparent; }}
QAbstractScrollArea::corner {{ background: transparent; border: none; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle {{ background: {t.line}; border-radius: 4px; min-height: 28px; min-width: 28px; margin: 1px; }}
QScrollBar::handle:hover {{ background: {t.mute}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QProgressBar {{ background: {t.chip}; border: none; border-radius: 3px; max-height: 6px; text-align: center; color: transparent; }}
QProgressBar::chunk {{ background: {t.accent}; border-radius: 3px; }}
QCheckBox {{ color: {t.text}; spacing: 8px; }}
QCheckBox:focus {{ color: {t.accent}; }}
"""
