"""The guide for tool authors, run from top to bottom."""

import re
import threading
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
from engine.asking import answer, decision
from support.scripted_model import Json, Say, ScriptedModel

from elysia_desktop.core.defaults import reset_settings

GUIDE = Path(__file__).parents[2] / "docs" / "tools.md"
BLOCKS = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

# What the model says where the guide asks it, in the guide's order.
REPLIES = (
    decision("add", x=9009, y=6006, end=True),
    answer("9009 + 6006 is 15015."),
    answer("At most ten seats can be booked at once."),
    Say("Bonjour"),
    Json({"mood": "angry", "why": "would not come back"}),
)


def examples():
    """Each Python block with what it prints, and the line that it begins on."""
    text = GUIDE.read_text(encoding="utf-8")
    found = list(BLOCKS.finditer(text))
    for at, block in enumerate(found):
        if block[1] != "python":
            continue
        after = found[at + 1] if at + 1 < len(found) else None
        follows = after is not None and after[1] == "text" and not text[block.end() : after.start()].strip()
        yield block[2], after[2] if follows else "", text.count("\n", 0, block.start()) + 1


@pytest.fixture
def of_its_own(monkeypatch, tmp_path):
    """A computer without settings, on which a scripted model is set up as a person would do it."""
    for name in ("HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    with ScriptedModel(list(REPLIES)) as model:
        for role in ("BASE", "COMPLEX"):
            monkeypatch.setenv(f"{role}_MODEL", "scripted")
            monkeypatch.setenv(f"{role}_PROVIDER", "openai_compatible")
        monkeypatch.setenv("MODEL_API_BASE", model.address)
        reset_settings()
        yield model
    reset_settings()


def test_every_example_of_the_guide_prints_what_stands_under_it(of_its_own):
    threads = set(threading.enumerate())
    names = {"__name__": "guide"}
    ran = 0
    for source, expected, line in examples():
        printed = StringIO()
        code = compile("\n" * line + source, str(GUIDE), "exec", dont_inherit=True)
        with redirect_stdout(printed):
            exec(code, names)
        assert printed.getvalue() == expected, f"The example in line {line} of {GUIDE.name}"
        ran += 1
    assert ran > 10
    assert len(of_its_own.requests) == len(REPLIES)
    assert not [t for t in set(threading.enumerate()) - threads if not t.name.startswith("asyncio_")]


def test_every_block_of_the_guide_is_code_or_its_output():
    text = GUIDE.read_text(encoding="utf-8")
    kinds = [block[1] for block in BLOCKS.finditer(text)]
    assert set(kinds) == {"python", "text"}
    assert text.count("```") == 2 * len(kinds)
    assert sum(bool(expected) for _, expected, _ in examples()) == kinds.count("text")


@pytest.mark.parametrize(
    "path",
    sorted(
        set(
            re.findall(
                r"`((?:elysia_desktop|tests|engine|stores)/[\w/]+\.py)`", GUIDE.read_text(encoding="utf-8")
            )
        )
    ),
)
def test_the_files_that_the_guide_names_exist(path):
    root = GUIDE.parents[1]
    assert (root / path).is_file() or (root / "elysia_desktop" / path).is_file()
