"""The guide for tool authors, run from top to bottom."""

import re
import threading

import pytest
from engine.asking import answer, decision
from support import guides
from support.scripted_model import Json, Say

GUIDE = guides.guide("tools.md")

# What the model says where the guide asks it, in the guide's order.
REPLIES = (
    decision("add", x=9009, y=6006, end=True),
    answer("9009 + 6006 is 15015."),
    answer("At most ten seats can be booked at once."),
    Say("Bonjour"),
    Json({"mood": "angry", "why": "would not come back"}),
)


@pytest.fixture
def of_its_own(monkeypatch, tmp_path):
    with guides.of_its_own(monkeypatch, tmp_path, list(REPLIES)) as model:
        yield model


def test_every_example_of_the_guide_prints_what_stands_under_it(of_its_own):
    threads = set(threading.enumerate())
    assert guides.run(GUIDE) > 10
    assert len(of_its_own.requests) == len(REPLIES)
    assert not [t for t in set(threading.enumerate()) - threads if not t.name.startswith("asyncio_")]


def test_every_block_of_the_guide_is_code_or_its_output():
    assert guides.is_code_or_its_output(GUIDE)


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
