import asyncio
import logging

import pytest
from engine.asking import kinds
from engine.managers.keeping import Answering, CountingClients, Waiting, answering, manager, said, sent

from elysia_desktop.core.settings import Settings
from elysia_desktop.engine.managers import TreeManager
from elysia_desktop.engine.tool import Tool
from elysia_desktop.engine.tree_store import TREES, load_tree, saved_trees, tree_uuid


async def asked(trees, clients, question="Hi", conversation_id="c"):
    return await sent(trees.process_tree(question, conversation_id, client_manager=clients))


async def saved(clients, question="Hi", user_id="u"):
    """A manager whose conversation c was asked something and saved."""
    trees = TreeManager(user_id, branch_initialisation="empty", settings=manager().settings, tree_timeout=10)
    answering(trees)
    await asked(trees, clients, question)
    await trees.save_tree_weaviate("c", clients)
    return trees


async def test_a_saved_conversation_is_loaded_elsewhere(saving):
    first = await saved(saving)
    trees = manager()
    assert not trees.tree_exists("c")
    assert await trees.check_tree_exists_weaviate("c", saving)
    payloads = await trees.load_tree_weaviate("c", saving)
    assert payloads == first.get_tree("c").sent
    assert kinds(payloads)[-1] == "completed"
    assert said(payloads) == ["You said: Hi"]
    assert trees.get_tree("c").conversation_history == first.get_tree("c").conversation_history


async def test_the_title_of_a_saved_conversation_is_its_own_or_its_first_question(saving):
    trees = await saved(saving, "Which films are long?")
    store = saving.store()
    assert (await saved_trees(store, TREES, "u"))["c"]["title"] == "Which films are long"
    trees.get_tree("c").conversation_title = "Long films"
    await trees.save_tree_weaviate("c", saving)
    assert (await saved_trees(store, TREES, "u"))["c"]["title"] == "Long films"


async def test_a_timed_out_conversation_that_is_saved_is_loaded_again(clock, saving):
    trees = manager(clock)
    tree = answering(trees)
    tree.change_style("Mine.")
    trees.configure("c", recursion_limit=3, openai_api_key="sk-own")
    await asked(trees, saving, "One")
    await trees.save_tree_weaviate("c", saving)
    clock.pass_minutes(11)
    trees.check_all_trees_timeout()
    assert not trees.tree_exists("c")
    trees.change_end_goal("Theirs.")
    trees.configure(prompt_token_budget=3_000)
    assert said(await asked(trees, saving, "Two")) == ["You said: Two"]
    again = trees.get_tree("c")
    assert again is not tree
    assert [one["content"] for one in again.conversation_history] == [
        "One",
        "You said: One",
        "Two",
        "You said: Two",
    ]
    # what was its own is still its own, and what was not follows
    assert (again.tree_data.atlas.style, again.tree_data.atlas.end_goal) == ("Mine.", "Theirs.")
    assert (again.settings.recursion_limit, again.settings.prompt_token_budget) == (3, 3_000)
    assert again.settings.api_key("OPENAI_API_KEY") == "sk-own"
    trees.change_style("Theirs.")
    assert again.tree_data.atlas.style == "Mine."


async def test_a_timed_out_conversation_that_nobody_swept_is_loaded_again_too(clock, saving):
    trees = manager(clock)
    answering(trees)
    await asked(trees, saving)
    await trees.save_tree_weaviate("c", saving)
    clock.pass_minutes(11)
    assert said(await asked(trees, saving, "Two")) == ["You said: Two"]


async def test_questions_that_bring_a_conversation_back_together_share_it(clock, saving):
    trees = manager(clock)
    answering(trees)
    await asked(trees, saving)
    await trees.save_tree_weaviate("c", saving)
    clock.pass_minutes(11)
    trees.check_all_trees_timeout()
    answers = await asyncio.gather(*(asked(trees, saving, f"{n}") for n in range(4)))
    assert sorted(text for payloads in answers for text in said(payloads)) == [
        f"You said: {n}" for n in range(4)
    ]
    assert len([one for one in trees.get_tree("c").conversation_history if one["role"] == "user"]) == 5


async def test_a_saved_conversation_that_was_never_here_is_loaded(saving):
    first = await saved(saving)
    first.change_style("In verse.", "c")
    await first.save_tree_weaviate("c", saving)
    trees = manager(style="Terse.")
    assert kinds(await asked(trees, saving))[-1] == "completed"
    assert trees.get_tree("c").tree_data.atlas.style == "In verse."
    trees.change_style("In prose.")
    assert trees.get_tree("c").tree_data.atlas.style == "In verse."


async def test_a_damaged_saved_conversation_is_as_timed_out_and_the_log_says_why(clock, saving, caplog):
    trees = manager(clock)
    answering(trees)
    await trees.save_tree_weaviate("c", saving)
    await saving.store().update(TREES, tree_uuid("c"), {"tree": "{"})
    clock.pass_minutes(11)
    with caplog.at_level(logging.WARNING):
        assert kinds(await asked(trees, saving)) == ["tree_timeout_error"]
    assert "damaged" in caplog.text


async def test_a_store_that_does_not_answer_leaves_it_timed_out(clock, caplog):
    trees = manager(clock)
    trees.add_tree("c")
    clock.pass_minutes(11)
    with caplog.at_level(logging.WARNING):
        assert kinds(await asked(trees, CountingClients())) == ["tree_timeout_error"]
    assert "Nothing answers" in caplog.text


async def test_loading_replaces_what_is_here(saving):
    trees = await saved(saving, "One")
    await asked(trees, saving, "Two")
    await trees.load_tree_weaviate("c", saving)
    assert [one["content"] for one in trees.get_tree("c").conversation_history] == ["One", "You said: One"]


async def test_loading_keeps_what_the_conversation_has_of_its_own(saving):
    trees = await saved(saving)
    trees.configure("c", recursion_limit=3)
    await trees.load_tree_weaviate("c", saving)
    trees.configure(recursion_limit=2)
    assert trees.get_tree("c").settings.recursion_limit == 3
    assert said(await asked(trees, saving, "Two")) == ["You said: Two"]


async def test_loading_in_the_middle_of_a_run_is_refused(saving):
    trees, tool = manager(), Waiting()
    answering(trees, tool=tool)
    await trees.save_tree_weaviate("c", saving)
    run = asyncio.create_task(asked(trees, saving))
    await tool.begun.wait()
    with pytest.raises(ValueError, match="answering a question"):
        await trees.load_tree_weaviate("c", saving)
    tool.may_go_on.set()
    assert said(await run) == ["Here at last."]


async def test_deleting_what_is_saved_leaves_what_is_here(saving):
    trees = await saved(saving)
    await trees.delete_tree_weaviate("c", saving)
    assert not await trees.check_tree_exists_weaviate("c", saving)
    assert trees.tree_exists("c")
    with pytest.raises(ValueError, match="saved no conversation “c”"):
        await trees.delete_tree_weaviate("c", saving)


async def test_another_users_conversation_is_as_if_it_were_not_there(saving):
    await saved(saving, user_id="ada")
    trees = manager()
    assert not await trees.check_tree_exists_weaviate("c", saving)
    with pytest.raises(ValueError, match="saved no conversation “c”"):
        await trees.load_tree_weaviate("c", saving)
    with pytest.raises(ValueError, match="saved no conversation “c”"):
        await trees.delete_tree_weaviate("c", saving)
    with pytest.raises(ValueError, match="no conversation “c”"):
        await asked(trees, saving)
    answering(trees)
    with pytest.raises(ValueError, match="Another user"):
        await trees.save_tree_weaviate("c", saving)
    assert (await load_tree(saving.store(), TREES, "c"))["user_id"] == "ada"


async def test_saving_an_unknown_conversation_is_an_error(saving):
    with pytest.raises(ValueError, match="no conversation “c”"):
        await manager().save_tree_weaviate("c", saving)
    with pytest.raises(ValueError, match="no collection"):
        await manager().load_tree_weaviate("c", saving)


async def test_no_key_is_saved(saving):
    settings = Settings(**manager().settings.to_json())
    settings.set_api_key("sk-canary-0123456789", "OPENAI_API_KEY")
    trees = manager(settings=settings)
    answering(trees)
    await asked(trees, saving)
    await trees.save_tree_weaviate("c", saving)
    [stored] = await saving.store().get(TREES, [tree_uuid("c")])
    assert "canary" not in str(stored)


async def test_tools_of_ones_own_come_back_with_their_conversation(clock, saving):
    made = []

    class Counting(Answering):
        async def __call__(self, *arguments, **kwargs):
            made.append(self)
            async for item in super().__call__(*arguments, **kwargs):
                yield item

    trees = manager(clock)
    tool: Tool = Counting()
    answering(trees, tool=tool)
    await trees.save_tree_weaviate("c", saving)
    clock.pass_minutes(11)
    await asked(trees, saving)
    assert made == [tool]
