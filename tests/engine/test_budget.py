from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from elysia_desktop.core.collection_data import CollectionData
from elysia_desktop.core.environment import Environment
from elysia_desktop.core.settings import ModelChoice
from elysia_desktop.core.tree_data import Atlas, TreeData
from elysia_desktop.engine.answering import numbered
from elysia_desktop.engine.budget import Part, Sheet, budget_for, clipped, compact, compose, estimate_tokens
from elysia_desktop.engine.context import (
    collections_text,
    environment_text,
    errors_text,
    history_text,
    object_text,
    tasks_text,
)

WORDS = st.text(max_size=40) | st.integers(1, 3000).map(lambda n: "wörter ж " * (n // 9))
TOKENS = st.integers(-20, 400)
OBJECTS = st.lists(st.dictionaries(st.sampled_from(["title", "plot", "год"]), WORDS, min_size=1), max_size=6)


def data(**known):
    return TreeData(CollectionData([]), Atlas(), **known)


def fits(text, tokens):
    return estimate_tokens(text) <= max(tokens, 0)


@given(WORDS, TOKENS)
def test_a_clipped_text_fits_and_says_what_was_cut(text, tokens):
    short = clipped(text, tokens)
    assert fits(short, tokens)
    assert short in {text, ""} or "characters cut]" in short
    if short not in {text, ""}:
        kept, _, note = short.rpartition("… [")
        assert len(kept) + int(note.split()[0].replace(",", "")) == len(text)


@given(st.lists(WORDS), TOKENS, st.integers(0, 20))
def test_a_sheet_takes_no_more_than_it_may(lines, tokens, keep):
    sheet = Sheet(tokens)
    for line in lines:
        sheet.add(line, keep)
    assert fits(sheet.text, tokens)
    assert keep == 0 or not sheet.lines or sheet.add("x" * int((keep - 1) * 3.6 - 1) if keep > 1 else "")
    assert fits(sheet.text, tokens)


@given(st.lists(st.tuples(OBJECTS, WORDS), max_size=5), TOKENS, st.integers(1, 8))
def test_what_was_found_is_told_within_the_budget(results, tokens, most):
    environment = Environment()
    for objects, asked in results:
        environment.add_objects("query", "Films", objects, {"query_output": asked})
    assert fits(environment_text(environment, tokens, per_result=most), tokens)
    shown = numbered(environment, tokens)
    assert fits(shown.text, tokens)
    assert all(environment.object(ref_id) for ref_id in shown.ref_ids)
    assert all(f"[{n}] " in shown.text for n in range(1, len(shown.ref_ids) + 1))


@given(
    st.dictionaries(WORDS.map(lambda t: t[:30] or "C"), WORDS, max_size=8),
    TOKENS,
    st.booleans(),
    st.integers(0, 12),
)
def test_collections_are_told_within_the_budget(named, tokens, detailed, number):
    fields = [
        {"name": f"field{n}", "type": "text", "description": "x" * 60, "groups": [{"value": "y" * 40}] * 20}
        for n in range(number)
    ]
    metadata = {n: {"length": 5.0, "summary": s, "fields": fields} for n, s in named.items()}
    assert fits(collections_text(metadata, tokens, detailed=detailed), tokens)


def test_the_conversation_is_told_without_the_question_but_with_what_was_answered_since():
    state = data(conversation_history=[{"role": "user", "content": "Hi"}])
    state.begin_run("now?")
    assert history_text(state, 100) == "user: Hi"
    state.update_history("assistant", "So far so good.")
    assert history_text(state, 100) == "user: Hi\nassistant: So far so good."
    state.begin_run("and then?")
    assert history_text(state, 100) == "user: Hi now?\nassistant: So far so good."
    assert history_text(state, 100, whole=True).endswith("user: and then?")


@given(st.lists(WORDS, max_size=12), TOKENS)
def test_the_conversation_steps_and_errors_are_told_within_the_budget(said, tokens):
    state = data(
        conversation_history=[{"role": r, "content": t} for t in said for r in ("user", "assistant")]
    )
    state.begin_run("now?")
    for number, text in enumerate(said):
        state.update_tasks_completed("now?", "query", number, result=text)
        state.add_error("query", text)
    for text in (history_text(state, tokens), tasks_text(state, tokens), errors_text(state.errors, tokens)):
        assert fits(text, tokens)


@given(st.dictionaries(st.sampled_from("abcdef"), WORDS, max_size=6), TOKENS)
def test_an_object_is_told_within_the_budget(item, tokens):
    assert fits(object_text(item, tokens), tokens)


@given(st.lists(st.tuples(WORDS, st.floats(0, 1)), max_size=6), st.integers(0, 500))
def test_a_composed_prompt_with_its_headings_fits(parts, budget):
    listed = [Part(f"part{n}", lambda t, w=w: clipped(w, t), s) for n, (w, s) in enumerate(parts)]
    order = [part.name for part in reversed(listed)]
    told = compose(listed, budget, order)
    assert list(told) == [name for name in order if name in told]
    whole = "\n\n".join(f"# {name.capitalize()}\n{text}" for name, text in told.items())
    assert estimate_tokens(whole) <= budget + 1


def test_what_does_not_fit_is_said():
    environment = Environment()
    for number in range(20):
        environment.add_objects("query", f"R{number}", [{"a": "x" * 300, "n": n} for n in range(20)])
    told = environment_text(environment, 300)
    assert "older results not shown" in told
    assert "more" in told
    assert "R19" in told, "the newest come first"
    assert "R0:" not in told
    assert "more objects were found" in numbered(environment, 300).text
    state = data(conversation_history=[{"role": r, "content": "x" * 90} for r in ["user", "assistant"] * 20])
    assert "earlier messages not shown" in history_text(state, 100)
    names = {f"Films{n}": {"length": 1, "summary": "s" * 100, "fields": []} for n in range(40)}
    assert "more collections not shown" in collections_text(names, 60)


def test_a_collection_that_does_not_fit_whole_keeps_the_names_of_its_fields():
    fields = [
        {
            "name": f"field{n}",
            "type": "text",
            "description": "long " * 15,
            "groups": [{"value": "v" * 30}] * 30,
        }
        for n in range(8)
    ]
    told = collections_text(
        {"Films": {"length": 3, "summary": "About films.", "fields": fields}}, 300, detailed=True
    )
    assert all(f"field{n}: text" in told for n in range(8))


@pytest.mark.parametrize("bounds", [[3.0, 1_200_000.0], [3, 1_200_000]])
def test_whole_numbers_are_told_alike_whatever_store_kept_their_range(bounds):
    field = {"name": "votes", "type": "int", "range": bounds}
    told = collections_text({"Films": {"length": 3, "summary": "", "fields": [field]}}, 300, detailed=True)
    assert told.endswith("votes: int; 3 to 1200000")


def test_what_hides_in_an_object_is_not_told():
    told = object_text({"title": "Alien", "_REF_ID": "r", "uuid": "u", "_score": 1.5, "none": None}, 100)
    assert told == "title: Alien"
    assert object_text({"title": "Alien", "ELYSIA_SUMMARY": "Short."}, 100) == "Short."


def test_compact_values_are_one_line():
    assert compact("a\n b\t c") == "a b c"
    assert len(compact("x" * 500)) == 160
    assert compact({"a": [1, SimpleNamespace]}).startswith('{"a": [1, ')


@pytest.mark.parametrize(
    ("provider", "context", "expected"),
    [
        ("openai", None, 8000),
        ("llama_cpp", None, 2000),
        ("openai", 4096, 2896),
        ("openai", 1000, 500),
        ("ollama", 2048, 1024),
        ("ollama", 32768, 2000),
    ],
)
def test_the_budget_follows_the_setting_the_place_and_the_context(provider, context, expected):
    choice = ModelChoice(provider, "m", "", SecretStr(""), True, None, context)
    assert budget_for(choice, 8000, 1200) == expected


def test_fields_that_the_question_speaks_of_come_first_where_not_all_fit():
    fields = [{"name": f"column_{n}", "type": "text"} for n in range(60)]
    fields += [
        {"name": "unit_price", "type": "float"},
        {"name": "area", "type": "text", "groups": [{"value": "Iceland", "count": 9}]},
    ]
    metadata = {"Sales": {"length": 9, "summary": "What was sold.", "fields": fields}}
    question = "What are the prices in Iceland?"
    for detailed in (True, False):
        told = collections_text(metadata, 90, detailed=detailed, question=question)
        assert "unit_price" in told
        assert "area" in told
        assert "unit_price" not in collections_text(metadata, 90, detailed=detailed)
        whole = collections_text(metadata, 3000, detailed=detailed, question=question)
        assert whole == collections_text(metadata, 3000, detailed=detailed), (
            "the order is stable where all fit"
        )
