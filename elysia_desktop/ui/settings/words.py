"""What the settings dialog says beside the settings' own titles and descriptions."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QLocale

_CONTEXT = "Settings"

_SECTION_SENTENCES = {
    "Base model": QT_TRANSLATE_NOOP("Settings", "decides which tool to use next"),
    "Complex model": QT_TRANSLATE_NOOP("Settings", "writes queries and answers"),
    "Prompts": QT_TRANSLATE_NOOP("Settings", "how much is sent and asked for"),
    "On this computer": QT_TRANSLATE_NOOP("Settings", "a model that the application serves itself"),
    "Source": QT_TRANSLATE_NOOP("Settings", "where collections are kept"),
    "Weaviate": QT_TRANSLATE_NOOP("Settings", "how the server is reached"),
    "Search by meaning": QT_TRANSLATE_NOOP("Settings", "what turns the library's texts into vectors"),
    "Files": QT_TRANSLATE_NOOP("Settings", "how questions about a conversation's files are answered"),
    "Runs": QT_TRANSLATE_NOOP("Settings", "how far the agent may go"),
    "Character": QT_TRANSLATE_NOOP("Settings", "what the agent is told about itself"),
    "Timeouts": QT_TRANSLATE_NOOP("Settings", "when idle things are put away"),
    "Privacy": QT_TRANSLATE_NOOP("Settings", "what is kept and used"),
    "Appearance": QT_TRANSLATE_NOOP("Settings", "how the window looks"),
    "Advanced": QT_TRANSLATE_NOOP("Settings", "for looking into problems"),
}
_CHOICE_TITLES = {
    "library": QT_TRANSLATE_NOOP("Settings", "Built-in library"),
    "cloud": QT_TRANSLATE_NOOP("Settings", "Weaviate Cloud"),
    "local": QT_TRANSLATE_NOOP("Settings", "Weaviate on this computer"),
    "custom": QT_TRANSLATE_NOOP("Settings", "Weaviate elsewhere"),
    "none": QT_TRANSLATE_NOOP("Settings", "None"),
    "offline": QT_TRANSLATE_NOOP("Settings", "On this computer, offline"),
    "ollama": QT_TRANSLATE_NOOP("Settings", "Ollama"),
    "openai": QT_TRANSLATE_NOOP("Settings", "OpenAI, or compatible"),
    "default": QT_TRANSLATE_NOOP("Settings", "As the collection says"),
    "one": QT_TRANSLATE_NOOP("Settings", "One"),
    "quorum": QT_TRANSLATE_NOOP("Settings", "Most of them"),
    "all": QT_TRANSLATE_NOOP("Settings", "All"),
    "tools": QT_TRANSLATE_NOOP("Settings", "Function calls"),
    "tree": QT_TRANSLATE_NOOP("Settings", "The decision tree"),
    "system": QT_TRANSLATE_NOOP("Settings", "Follow the system"),
    "light": QT_TRANSLATE_NOOP("Settings", "Light"),
    "dark": QT_TRANSLATE_NOOP("Settings", "Dark"),
    "DEBUG": QT_TRANSLATE_NOOP("Settings", "Everything, for debugging"),
    "INFO": QT_TRANSLATE_NOOP("Settings", "What happens"),
    "WARNING": QT_TRANSLATE_NOOP("Settings", "Warnings and errors"),
    "ERROR": QT_TRANSLATE_NOOP("Settings", "Errors only"),
}

_OPEN_TITLES = {"allow_chunk_collections": QT_TRANSLATE_NOOP("Settings", "Ask first")}
_PLACEHOLDERS = {
    "wcd_url": QT_TRANSLATE_NOOP("Settings", "https://….weaviate.cloud"),
    "custom_http_host": QT_TRANSLATE_NOOP("Settings", "weaviate.example.com"),
    "custom_grpc_host": QT_TRANSLATE_NOOP("Settings", "weaviate.example.com"),
    "weaviate_tenant": QT_TRANSLATE_NOOP("Settings", "No tenant"),
    "embedder_model": QT_TRANSLATE_NOOP("Settings", "The usual model"),
    "embedder_api_base": QT_TRANSLATE_NOOP("Settings", "The usual address"),
}


def translated(text: object) -> str:
    """A text of the settings model, or one marked for translation, in the language of the window."""
    return QCoreApplication.translate(_CONTEXT, str(text)) if text else ""


def section_sentence(section: str) -> str:
    """What a section is about, in half a sentence, or an empty text."""
    return translated(_SECTION_SENTENCES.get(section, ""))


def choice_title(value: str) -> str:
    """A choice as a person reads it."""
    return translated(_CHOICE_TITLES.get(value, value))


def open_title(name: str) -> str:
    """What it means that a setting is left open."""
    return translated(_OPEN_TITLES.get(name, QT_TRANSLATE_NOOP("Settings", "Automatic")))


def placeholder(name: str) -> str:
    """What stands in an empty field."""
    return translated(_PLACEHOLDERS.get(name, ""))


def shown_value(value: object, name: str = "") -> str:
    """A setting's value as a person reads it, for the tooltip of its reset."""
    match value:
        case None:
            return open_title(name)
        case "":
            return placeholder(name) or translated(QT_TRANSLATE_NOOP("Settings", "empty"))
        case bool():
            return translated(
                QT_TRANSLATE_NOOP("Settings", "Yes") if value else QT_TRANSLATE_NOOP("Settings", "No")
            )
        case int() | float():
            return number(value)
        case _:
            text = choice_title(str(value))
            return text if len(text) <= 60 else text[:59] + "…"


def number(value: float) -> str:
    """A number with the separators of the language, without needless decimals."""
    locale = QLocale()
    if locale.language() == QLocale.Language.C:
        locale = QLocale(QLocale.Language.English)  # C has no separators
    return locale.toString(int(value)) if float(value).is_integer() else locale.toString(float(value), "g", 6)


def models_in_words(count: int) -> str:
    """So many models."""
    if count == 1:
        return translated(QT_TRANSLATE_NOOP("Settings", "1 model"))
    return translated(QT_TRANSLATE_NOOP("Settings", "{0} models")).format(number(count))
