"""What it takes to analyse a million objects of the library, and a hundred thousand of a Weaviate on this computer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from benchmarks.figures import Figure
from support.scripted_model import Body, Json, ScriptedModel
from support.weaviate_server import weaviate_server

ROOT = Path(__file__).resolve().parents[2]
_CHILD = Path(__file__).with_name("analysis_child.py")
_IN_LIBRARY, _IN_WEAVIATE = 1_000_000, 100_000
_MOST_MEMORY = 300
"""MB that the process may have for itself above what it has when it starts; the size of the data must not count."""
_MAPPING = {"name": "title", "description": "note", "price": "price", "category": "kind", "tags": "tags"}


def measure() -> list[Figure]:
    with ScriptedModel(_said) as model:
        with _library() as place:
            figures = _measured("library", place, _IN_LIBRARY, model.address)
        with _weaviate() as place:
            figures += _measured("Weaviate", place, _IN_WEAVIATE, model.address) if place else []
    return figures


def _said(body: Body) -> Json:
    """What the model says to each question of an analysis."""
    question = str(body["messages"][0]["content"])
    if question.startswith("Describe"):
        return Json({"summary": "Things that are made of parts.", "questions": ["What is cheapest?"]})
    return Json({"displays": ["product"]} if question.startswith("Choose") else _MAPPING)


def _measured(where: str, place: dict[str, Any], number: int, model: str) -> list[Figure]:
    """Times and memory with `number` objects in it; each part is done by a process of its own."""
    filled = _child(place, fill=number)
    assert filled["inserted"] == number, filled
    figures: list[Figure] = []
    for how, address in (("without a model", ""), ("with one that answers at once", model)):
        done = _child(place, model=address)
        assert (done["type"], done["error"], done["length"]) == ("completed", "", number), done
        name = f"analysis: {number:,} objects in the {where}, {how}"
        figures += [
            Figure(name, done["seconds"], "s", processor=done["processor"]),
            Figure(f"{name}: memory", done["own"], "MB", at_most=_MOST_MEMORY),
        ]
        if done["mapped"] > done["own"]:
            figures.append(Figure(f"{name}: pages of the file", done["mapped"], "MB"))
    first = _child(place, first=True)
    figures.append(Figure(f"analysis: known at first use, {number:,} in the {where}", first["seconds"], "s"))
    return figures


def _child(place: dict[str, Any], **work: Any) -> dict[str, Any]:
    said = subprocess.check_output(
        [sys.executable, str(_CHILD)],
        input=json.dumps({"place": place, **work}).encode(),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=1_800,
    )
    return json.loads(said.splitlines()[-1])


@contextmanager
def _library() -> Generator[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        yield {"folder": folder}


@contextmanager
def _weaviate() -> Generator[dict[str, Any] | None]:
    """The ports of one; None, with the reason said, where it was not built."""
    with ExitStack() as stack:
        try:
            node = stack.enter_context(weaviate_server())
        except pytest.skip.Exception as reason:
            print(f"Without Weaviate: {reason}", file=sys.stderr)
            yield None
        else:
            yield {"http": node.port, "grpc": node.grpc_port}
