"""Guides whose every Python block is run, and the computer they are run on."""

import re
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path

from support.scripted_model import ScriptedModel

from elysia_desktop.core.defaults import reset_settings

BLOCKS = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def guide(name):
    return Path(__file__).parents[2] / "docs" / name


def examples(path):
    """Each Python block with what it prints, and the line that it begins on."""
    text = path.read_text(encoding="utf-8")
    found = list(BLOCKS.finditer(text))
    for at, block in enumerate(found):
        if block[1] != "python":
            continue
        after = found[at + 1] if at + 1 < len(found) else None
        follows = after is not None and after[1] == "text" and not text[block.end() : after.start()].strip()
        yield block[2], after[2] if follows else "", text.count("\n", 0, block.start()) + 1


def run(path):
    """Run the blocks one after the other and compare what they print; returns how many there are."""
    names = {"__name__": "guide"}
    ran = 0
    for source, expected, line in examples(path):
        printed = StringIO()
        code = compile("\n" * line + source, str(path), "exec", dont_inherit=True)
        with redirect_stdout(printed):
            exec(code, names)
        assert printed.getvalue() == expected, f"The example in line {line} of {path.name}"
        ran += 1
    return ran


def is_code_or_its_output(path):
    """Whether every block is Python, or the output of the one before."""
    text = path.read_text(encoding="utf-8")
    kinds = [block[1] for block in BLOCKS.finditer(text)]
    shown = sum(bool(expected) for _, expected, _ in examples(path))
    return (
        set(kinds) == {"python", "text"}
        and text.count("```") == 2 * len(kinds)
        and shown == kinds.count("text")
    )


@contextmanager
def of_its_own(monkeypatch, folder, script):
    """A computer without settings, on which a scripted model is set up as a person would do it."""
    for name in ("HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(folder))
    with ScriptedModel(script) as model:
        for role in ("BASE", "COMPLEX"):
            monkeypatch.setenv(f"{role}_MODEL", "scripted")
            monkeypatch.setenv(f"{role}_PROVIDER", "openai_compatible")
        monkeypatch.setenv("MODEL_API_BASE", model.address)
        reset_settings()
        yield model
    reset_settings()
