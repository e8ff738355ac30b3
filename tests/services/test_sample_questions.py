"""The built-in library gives the known answer to each question of the sample data."""

import asyncio
import json
from datetime import datetime
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from elysia_desktop.core.requests import Request
from elysia_desktop.services.sample import load_sample
from elysia_desktop.stores.library import Library

SAMPLE = Path(__file__).parents[2] / "resources" / "sample"
QUESTIONS = json.loads((SAMPLE / "questions.json").read_text("utf-8"))
LABELS = {
    "Products": "name",
    "Reviews": "title",
    "Messages": "message_id",
    "Tickets": "ticket_id",
    "Handbook": "title",
}
REQUEST = TypeAdapter(Request)


@pytest.fixture(scope="module")
def library_folder(tmp_path_factory):
    """The sample data, loaded once for the module."""
    folder = tmp_path_factory.mktemp("sample")

    async def load():
        library = Library(folder)
        await load_sample(library)
        await library.close()

    asyncio.run(load())
    return folder


@pytest.fixture
async def library(library_folder):
    library = Library(library_folder)
    yield library
    await library.close()


async def respond(library, request):
    """The answer in the format of `questions.json`, and the uuids of a query."""
    parsed = REQUEST.validate_python(request)
    if parsed.kind == "query":
        page = await library.query(parsed)
        label = LABELS[parsed.collection]
        return [item[label] for item in page.objects], [item["uuid"] for item in page.objects], page.total
    found = await library.aggregate(parsed)
    if found.groups is None:
        return measured(found), None, None
    return {as_group(group.value): measured(group) for group in found.groups}, None, None


def measured(found):
    if not found.metrics:
        return found.count
    (metric,) = found.metrics
    return metric.value


def as_group(value):
    return str(value)


def agrees(got, wanted):
    match wanted:
        case dict():
            return got.keys() == wanted.keys() and all(agrees(got[key], wanted[key]) for key in wanted)
        case str():
            return got == wanted or datetime.fromisoformat(got) == datetime.fromisoformat(wanted)
        case int() | float():
            return got == pytest.approx(wanted, abs=1e-6)
        case _:
            return got == wanted


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question["id"])
async def test_the_library_answers(library, question):
    requests, answer = question["requests"], question["answer"]
    responses = [await respond(library, request) for request in requests]
    got, uuids, total = responses[-1]
    last = requests[-1]
    if question["kind"] == "text_search":
        assert set(question["uuids"]) <= set(uuids)
        assert set(answer) <= set(got)
        assert total >= len(question["uuids"])
        return
    if isinstance(answer, dict) and last["kind"] == "aggregate" and last["group_by"] is None:
        got = {request["collection"]: part for request, (part, _, _) in zip(requests, responses, strict=True)}
    assert agrees(got, answer), f"{got} is not {answer}"
    if last["kind"] == "query":
        assert uuids == question["uuids"]


def test_there_are_120_questions():
    assert len(QUESTIONS) == 120
