"""The system message names the files, within its share of a prompt."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elysia_desktop.core.atlas import Atlas
from elysia_desktop.core.files import SourceFile
from elysia_desktop.engine.budget import LOCAL_BUDGET, estimate_tokens
from elysia_desktop.services.instructions import instructions, listing

ATLAS = Atlas(style="Like a sailor.", agent_description="", end_goal="")


def file(name="report.pdf", pages=12, number=0):
    return SourceFile(f"id{number}", name, "pdf", 10, 4000, datetime.now(UTC), pages)


@pytest.mark.parametrize(("pages", "told"), [(12, "12 pages"), (1, "1 page,"), (None, "pdf, about")])
def test_a_file_is_told_by_name_id_pages_and_size(pages, told):
    text = instructions([file(pages=pages)], ATLAS, LOCAL_BUDGET)
    assert all(part in text for part in ("report.pdf", "id id0", told, "4,000 tokens", "Like a sailor."))


def test_the_collections_are_told_of_only_where_they_can_be_asked():
    assert "ask_collections" not in instructions([file()], ATLAS, 2000)
    assert "ask_collections" in instructions([file()], ATLAS, 2000, asks_collections=True)


def test_a_small_prompt_keeps_room_for_what_is_found():
    files = [file(f"{'long name ' * 8}{number}.pdf", number=number) for number in range(200)]
    text = instructions(files, ATLAS, LOCAL_BUDGET, asks_collections=True)
    assert estimate_tokens(text) < LOCAL_BUDGET // 2
    assert "more" in text.splitlines()[-1]


@given(st.lists(st.text(max_size=300), max_size=40), st.integers(0, 400))
def test_a_list_of_files_takes_no_more_than_it_may_and_one_line_each(names, tokens):
    told = listing([file(name, number=number) for number, name in enumerate(names)], tokens)
    assert estimate_tokens(told) <= tokens + 1
    assert all(line.startswith("- ") for line in told.split("\n") if told)
