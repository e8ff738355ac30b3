import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elysia_desktop.engine.nodes import Structure
from elysia_desktop.engine.tool import Tool

NAMES = st.sampled_from(["a", "b", "c", "d"])
CHAIN = st.lists(NAMES, max_size=2)
EDITS = st.one_of(
    st.tuples(
        st.just("add_branch"),
        NAMES,
        st.sampled_from(["", "about"]),
        st.booleans(),
        NAMES | st.just(""),
        CHAIN,
    ),
    st.tuples(st.just("remove_branch"), NAMES),
    st.tuples(st.just("add_tool"), NAMES, st.none() | NAMES, CHAIN),
    st.tuples(st.just("remove_tool"), NAMES, st.none() | NAMES, CHAIN),
)


def apply(structure, edit):
    match edit:
        case "add_branch", name, about, root, parent, chain:
            structure.add_branch(name, "choose", about, root, parent, chain)
        case "remove_branch", name:
            structure.remove_branch(name)
        case "add_tool", name, branch, chain:
            structure.add_tool(Tool(name, "does it"), branch, chain)
        case "remove_tool", name, branch, chain:
            structure.remove_tool(name, branch, chain)


def refused(structure, edit):
    try:
        apply(structure, edit)
    except ValueError:
        return True
    return False


def view(structure):
    return json.dumps(structure.root.view() if structure.root else None)


@given(st.lists(EDITS, max_size=25))
def test_edits_keep_it_a_tree_and_failed_ones_change_nothing(edits):
    structure = Structure()
    for edit in edits:
        before = view(structure)
        count = len(list(structure.root.walk())) if structure.root else 0
        if refused(structure, edit):
            assert view(structure) == before
        else:
            after = len(list(structure.root.walk())) if structure.root else 0
            assert after == count + 1 if edit[0].startswith("add") else after < count
        nodes = list(structure.root.walk()) if structure.root else []
        assert len({id(node) for node in nodes}) == len(nodes)
        branches = [node.id for node in nodes if node.is_branch]
        assert len(branches) == len(set(branches))
        for node in nodes:
            assert all(key == option.id for key, option in node.options.items())


def test_a_branch_does_not_push_out_a_tool_of_its_name():
    structure = Structure()
    structure.add_branch("base", "choose", root=True)
    structure.add_tool(Tool("find", "finds"))
    with pytest.raises(ValueError, match="find"):
        structure.add_branch("find", "choose", "about", from_branch_id="base")
    assert structure.tools()["find"].name == "find"


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda s: s.add_branch("b", "choose", "x", from_branch_id="no"), "base"),
        (lambda s: s.add_branch("b", "choose", from_branch_id="base"), "description"),
        (lambda s: s.add_branch("r", "choose", root=True), "base"),
        (lambda s: s.remove_branch("no"), "base"),
        (lambda s: s.remove_tool("no"), "find"),
        (lambda s: s.remove_tool("find", from_tool_ids=["no"]), "find"),
        (lambda s: s.add_tool(Tool("find", "again")), "find"),
    ],
)
def test_an_error_says_what_there_is(call, said):
    structure = Structure()
    structure.add_branch("base", "choose", root=True)
    structure.add_tool(Tool("find", "finds"))
    with pytest.raises(ValueError, match=said):
        call(structure)


def test_the_view_has_the_public_keys():
    structure = Structure()
    structure.add_branch("base", "choose", root=True)
    structure.add_tool(Tool("find", "finds"))
    assert structure.root.view() == {
        "name": "base",
        "id": "base",
        "description": "",
        "instruction": "choose",
        "reasoning": "",
        "branch": True,
        "options": {
            "find": {
                "name": "find",
                "id": "find",
                "description": "finds",
                "instruction": "",
                "reasoning": "",
                "branch": False,
                "options": {},
            }
        },
    }


@given(st.lists(EDITS, max_size=25))
def test_a_structure_comes_back_as_it_was_written(edits):
    structure = Structure()
    for edit in edits:
        refused(structure, edit)
    tools = {name: Tool(name, "does it") for name in "abcd"}
    written = json.loads(json.dumps(structure.to_json()))
    read = Structure.from_json(written, tools)
    assert view(read) == view(structure)
    assert Structure.from_json(written, {}).to_json() == written


def with_one_missing():
    structure = Structure()
    structure.add_branch("base", "choose", root=True)
    structure.add_tool(Tool("a", "does it"), "base")
    structure.add_tool(Tool("b", "does it"), "base", ["a"])
    return Structure.from_json(structure.to_json(), {"b": Tool("b", "does it")})


def test_a_tool_that_is_added_again_takes_its_old_place():
    structure = with_one_missing()
    assert [node.id for node in structure.absent()] == ["a"]
    given_again = Tool("a", "does it again")
    structure.add_tool(given_again)
    assert structure.absent() == []
    assert structure.tools()["a"] is given_again
    assert list(structure.root.options["a"].options) == ["b"]


def test_an_empty_place_can_be_filled_where_it_is_named_or_removed():
    structure = with_one_missing()
    structure.add_tool(Tool("a", "does it again"), "base")
    assert list(structure.root.options["a"].options) == ["b"]
    structure = with_one_missing()
    structure.remove_tool("a")
    assert structure.root.options == {}


@pytest.mark.parametrize(
    "damaged",
    [
        {"options": []},
        {"id": "base", "options": [{"id": "x", "tool": "x"}, {"id": "x", "tool": "x"}]},
        {"id": "base", "options": [3]},
        {"id": "base", "options": [{"id": "deep", "instruction": "without a description"}]},
        [1],
    ],
)
def test_a_damaged_structure_is_refused_in_words(damaged):
    with pytest.raises(ValueError, match=r"\w"):
        Structure.from_json(damaged, {})


@pytest.mark.parametrize(("branch_id", "kind"), [("", ValueError), (" ", ValueError), (None, TypeError)])
def test_a_branch_needs_an_id(branch_id, kind):
    structure = Structure()
    with pytest.raises(kind, match="id"):
        structure.add_branch(branch_id, "Choose.", root=True)
    assert structure.root is None
