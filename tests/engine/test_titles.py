import pytest
from engine.asking import decision, prompts, told, tree_for
from engine.test_runner import films_query, written
from support.scripted_model import Fail, Json, Say, ScriptedModel

from elysia_desktop.core.settings import Settings
from elysia_desktop.engine.tree import Tree

pytestmark = pytest.mark.usefixtures("nothing_left")


def spoken(tree):
    tree.tree_data.update_history("user", "Which films are set in space?")
    tree.tree_data.update_history("assistant", "Alien and Solaris.")
    return tree


async def test_a_title_is_written_from_the_conversation_in_one_call():
    with ScriptedModel([Json({"title": ' "Films  in space." '})]) as model:
        tree = spoken(tree_for(model))
        assert await tree.create_conversation_title_async() == "Films in space"
        assert tree.conversation_title == "Films in space"
        assert tree.export_to_json()["conversation_title"] == "Films in space"
        assert "Alien and Solaris." in prompts(model)[0][1]
        await tree.aclose()


@pytest.mark.parametrize("reply", [Fail(400, "no"), Say("no JSON"), Json({"title": "  "})])
async def test_a_title_that_is_not_written_is_the_start_of_the_question(reply):
    with ScriptedModel(lambda _: reply) as model:
        tree = spoken(tree_for(model))
        assert await tree.create_conversation_title_async() == "Which films are set in space"
        await tree.aclose()


async def test_a_title_needs_neither_model_nor_conversation():
    tree = Tree(settings=Settings())
    assert await tree.create_conversation_title_async() == "New conversation"
    assert await spoken(tree).create_conversation_title_async() == "Which films are set in space"
    assert await tree.get_follow_up_suggestions_async() == []


async def test_follow_ups_are_as_many_as_asked_for_and_repeat_nothing(clients):
    questions = ["Which is the newest?", "which is the newest?", "Which films?", "And the oldest? "]
    script = [
        decision("query", collection_names=["Films"]),
        written(films_query(sort_by="title")),
        decision("text_response", text="All of these."),
        Json({"questions": questions}),
    ]
    with ScriptedModel(script) as model:
        tree = tree_for(model, preset="default")
        await told(tree, "Which films?", clients)
        suggestions = await tree.get_follow_up_suggestions_async("About age.", 4)
        assert suggestions == ["Which is the newest?", "And the oldest?"]
        system, user = prompts(model)[-1]
        assert "Write 4 short questions" in system
        assert "About age." in user
        assert "Alien" in user, "what was found is told"
        assert (
            model.requests[-1].body["response_format"]["json_schema"]["schema"]["properties"]["questions"][
                "maxItems"
            ]
            == 4
        )
        await tree.aclose()


async def test_without_a_model_the_suggestions_of_analysis_serve(clients):
    tree = Tree(settings=Settings())
    known = {
        "name": "Films",
        "length": 4.0,
        "summary": "",
        "fields": [],
        "prompts": ["Which films?", "How old?"],
    }
    await clients.store().put_metadata("Films", known)
    await tree.set_collection_names(["Films"], clients)
    tree.tree_data.update_history("user", "Which films?")
    assert await tree.get_follow_up_suggestions_async() == ["How old?"]


@pytest.mark.parametrize("number", [0, -1, 11])
async def test_an_impossible_number_of_suggestions_is_refused(number):
    with pytest.raises(ValueError, match="Between 1 and 10"):
        await Tree(settings=Settings()).get_follow_up_suggestions_async(num_suggestions=number)


def test_the_blocking_forms_give_the_same():
    with ScriptedModel([Json({"title": "Space"}), Json({"questions": ["Why?", "When?"]})]) as model:
        tree = spoken(tree_for(model))
        assert tree.create_conversation_title() == "Space"
        assert tree.get_follow_up_suggestions() == ["Why?", "When?"]
