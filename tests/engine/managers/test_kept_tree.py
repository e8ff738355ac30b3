import pytest
from engine.managers.keeping import NEVER_ASKED, Answering, manager

from elysia_desktop.core.errors import ConfigurationError
from elysia_desktop.core.settings import Settings


def character(tree):
    atlas = tree.tree_data.atlas
    return atlas.style, atlas.agent_description, atlas.end_goal


def test_trees_are_as_their_manager_is_told():
    trees = manager(
        style="Terse.", agent_description="A clerk.", end_goal="Done.", branch_initialisation="multi_branch"
    )
    tree = trees.add_tree("c")
    assert character(tree) == ("Terse.", "A clerk.", "Done.")
    assert tree.branch_initialisation == "multi_branch"
    assert (tree.user_id, tree.conversation_id, tree.low_memory) == ("u", "c", False)
    assert trees.add_tree("small", low_memory=True).low_memory


def test_without_a_character_trees_have_that_of_the_settings():
    settings = NEVER_ASKED.model_copy(update={"style": "In verse.", "end_goal": "It rhymes."})
    tree = manager(settings=settings).add_tree("c")
    assert character(tree) == ("In verse.", settings.agent_description, "It rhymes.")


def test_what_is_changed_for_all_reaches_the_trees_there_are_and_those_to_come():
    trees = manager()
    there = trees.add_tree("there")
    trees.change_style("Terse.")
    trees.change_agent_description("A clerk.")
    trees.change_end_goal("Done.")
    trees.change_branch_initialisation("multi_branch")
    trees.configure(recursion_limit=2)
    for tree in (there, trees.add_tree("to come")):
        assert character(tree) == ("Terse.", "A clerk.", "Done.")
        assert tree.branch_initialisation == "multi_branch"
        assert tree.settings.recursion_limit == tree.tree_data.recursion_limit == 2


def test_what_a_tree_has_of_its_own_stays_when_a_default_changes():
    trees = manager()
    own = trees.add_tree(
        "own", style="Mine.", end_goal="Mine.", branch_initialisation="multi_branch",
        settings=NEVER_ASKED.model_copy(update={"recursion_limit": 9}),
    )  # fmt: skip
    told = trees.add_tree("told")
    trees.change_style("Mine.", "told")
    trees.configure("told", recursion_limit=8, openai_api_key="sk-own")
    trees.change_style("Theirs.")
    trees.change_agent_description("Theirs.")
    trees.change_end_goal("Theirs.")
    trees.change_branch_initialisation("one_branch")
    trees.configure(recursion_limit=2, prompt_token_budget=3_000, openai_api_key="sk-theirs")
    assert character(own) == ("Mine.", "Theirs.", "Mine.")
    assert own.branch_initialisation == "multi_branch"
    assert own.settings.recursion_limit == 9
    assert own.settings.prompt_token_budget == NEVER_ASKED.prompt_token_budget
    assert character(told) == ("Mine.", "Theirs.", "Theirs.")
    assert told.branch_initialisation == "one_branch"
    assert (told.settings.recursion_limit, told.settings.prompt_token_budget) == (8, 3_000)
    assert told.settings.api_key("OPENAI_API_KEY") == "sk-own"


def test_what_is_given_as_its_own_stays_although_it_is_the_default():
    trees = manager(style="Terse.")
    tree = trees.add_tree("c", style="Terse.")
    trees.configure("c", recursion_limit=trees.settings.recursion_limit)
    trees.change_style("Theirs.")
    trees.configure(recursion_limit=2)
    assert character(tree)[0] == "Terse."
    assert tree.settings.recursion_limit == NEVER_ASKED.recursion_limit


def test_what_is_changed_in_the_tree_itself_is_its_own_too():
    trees = manager()
    tree = trees.add_tree("c")
    tree.change_style("Mine.")
    tree.configure(recursion_limit=8, mistral_api_key="sk-own")
    for limit in (2, 3):
        trees.change_style("Theirs.")
        trees.configure(recursion_limit=limit, prompt_token_budget=3_000, mistral_api_key="sk-theirs")
    assert character(tree)[0] == "Mine."
    assert (tree.settings.recursion_limit, tree.settings.prompt_token_budget) == (8, 3_000)
    assert tree.settings.api_key("MISTRAL_API_KEY") == "sk-own"


def test_a_tree_that_tools_were_added_to_keeps_its_structure():
    trees = manager()
    tree = trees.add_tree("c")
    tree.add_tool(Answering())
    plain = trees.add_tree("plain")
    trees.change_branch_initialisation("one_branch")
    assert list(tree.tools) == ["answer"]
    assert plain.branch_initialisation == "one_branch"
    trees.change_branch_initialisation("one_branch", "c")
    assert "answer" not in tree.tools


def test_settings_are_never_shared():
    given = Settings(recursion_limit=4)
    trees = manager(settings=given)
    own = Settings(recursion_limit=6)
    a, b = trees.add_tree("a", settings=own), trees.add_tree("b", settings=own)
    c, d = trees.add_tree("c"), trees.add_tree("d")
    a.settings.recursion_limit = c.settings.recursion_limit = 1
    trees.configure("b", recursion_limit=3)
    trees.configure(prompt_token_budget=3_000)
    assert (own.recursion_limit, given.recursion_limit, given.prompt_token_budget) == (6, 4, 8_000)
    assert [tree.settings.recursion_limit for tree in (a, b, c, d)] == [1, 3, 1, 4]
    assert trees.settings.recursion_limit == 4


def test_a_change_that_does_not_fit_changes_nothing():
    trees = manager()
    tree = trees.add_tree("c")
    before = tree.settings.to_json(), trees.settings.to_json()
    for conversation_id in (None, "c"):
        with pytest.raises(ConfigurationError):
            trees.configure(conversation_id, recursion_limit=2, colour="red")
    with pytest.raises(ValueError, match="oak"):
        trees.change_branch_initialisation("oak")
    assert (tree.settings.to_json(), trees.settings.to_json()) == before
    assert tree.branch_initialisation == "empty"
    trees.configure(prompt_token_budget=3_000)
    assert tree.settings.recursion_limit == NEVER_ASKED.recursion_limit


def test_changing_the_settings_changes_the_character_that_comes_from_them():
    trees = manager()
    tree, own = trees.add_tree("c"), trees.add_tree("own", style="Mine.")
    trees.configure(style="In verse.")
    assert (character(tree)[0], character(own)[0]) == ("In verse.", "Mine.")
    trees.change_style("Terse.")
    trees.configure(style="In prose.")
    assert character(tree)[0] == "Terse."
