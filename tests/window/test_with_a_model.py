import socket

import pytest
from support.scripted_model import Fail, Json, Say, ScriptedModel, Stall
from support.shop_agent import JACKETS, QUESTION, ShopAgent, cited, decision

pytestmark = pytest.mark.window

SEARCH = decision("query", "The question names a kind of product and a price.", collection_names=["Products"])
ANSWER = decision("cited_summarize", "The objects hold the answer.", end=True)
WORDS = decision("text_response", "A greeting.", end=True, text="Good morning!")
JACKET_QUERY = Json({"requests": [JACKETS]})


def test_a_question_is_answered_in_steps_with_a_table_and_citations(open_app, scripted):
    agent = ShopAgent(
        {
            "decision": [
                decision(
                    "query",
                    "A kind and a price.",
                    update="Looking for jackets.",
                    collection_names=["Products"],
                ),
                ANSWER,
            ],
            "query": [JACKET_QUERY],
            "answer": [
                cited(
                    "The best rated",
                    ("The Fulmar leads with **5.0** stars.", [1]),
                    ("The Cowrie follows.", [2]),
                    pause=0.03,
                )
            ],
        }
    )
    with ScriptedModel(agent) as model, open_app(**scripted(model)) as app:
        app.wait_for_data()
        app.ask(QUESTION)
        app.wait(
            "a part of the answer",
            lambda s: s["running"] and s["turns"] and "Fulmar" in s["turns"][0].get("answer", ""),
        )
        state = app.wait_for_answer()
        turn = state["turns"][0]
        assert [step[0] for step in turn["steps"]] == ["query", "cited_summarize"]
        assert turn["steps"][0][1] == "Products · 5 objects"
        assert all(step[2] == "done" for step in turn["steps"])
        table = turn["cards"][0]["table"]
        assert table["columns"][:3] == ["Name", "Rating", "Price"]
        assert [row[1] for row in table["rows"]] == ["5.00", "4.67", "4.67", "3.67", "null"]
        assert turn["answer"].startswith("The Fulmar leads with **5.0** stars.")
        assert "Looking for jackets." not in turn["answer"]
        assert turn["citations"] == ["1", "2"]
        assert "tokens" in turn["footer"]
        assert state["conversations"][1] == QUESTION.rstrip("?")
        assert state["inspector"]["environment"][0][0] == "query"
        assert state["inspector"]["objects"]["count"] == 5
        assert any("Session: 1 prompt" in text and " 0 tokens" not in text for text in state["status"])
        assert "Idle" in state["status"]

        assert app.cite(1).strip() == "2"
        chosen = app.wait("the cited object", lambda s: s["inspector"]["selected"] == "query_Products_1_1")
        assert chosen["turns"][0]["cards"][0]["table"]["selected"] == "query_Products_1_1"
        assert chosen["inspector"]["objects"]["selected"] == "query_Products_1_1"

        app.click_row(3)
        app.wait("the clicked object", lambda s: s["inspector"]["selected"] == "query_Products_1_3")


def test_escape_stops_the_run_and_the_server_sees_it(open_app, scripted):
    agent = ShopAgent(
        {
            "decision": [SEARCH, ANSWER, WORDS],
            "query": [JACKET_QUERY],
            "answer": [Stall('{"title": "Best", "answer": [{"text": "The Ful')],
        }
    )
    with ScriptedModel(agent) as model, open_app(**scripted(model)) as app:
        app.wait_for_data()
        app.ask(QUESTION)
        app.wait("the answer begins", lambda s: s["turns"] and "Ful" in s["turns"][0].get("answer", ""))
        assert model.hung_up == 0
        app.press("Esc")
        state = app.wait_for_answer()
        turn = state["turns"][0]
        assert turn["footer"].startswith("Stopped")
        assert "The Ful" in turn["answer"]
        assert turn["cards"][0]["table"]["count"] == 5
        app.wait("the server to see it", lambda _: model.hung_up == 1)
        app.ask("Good morning")
        assert app.wait_for_answer(2)["turns"][1]["answer"] == "Good morning!"


def test_an_error_that_heals_is_shown_and_the_run_goes_on(open_app, scripted):
    wrong = {
        **JACKETS,
        "sort_by": "price",
        "filters": [{"property": "price", "operator": "<", "value": "cheap"}],
    }
    agent = ShopAgent(
        {
            "decision": [SEARCH, SEARCH, ANSWER],
            "query": [*([Json({"requests": [wrong]})] * 3), JACKET_QUERY],
            "answer": [cited("Best", ("The Fulmar.", [1]))],
        }
    )
    with ScriptedModel(agent) as model, open_app(**scripted(model)) as app:
        app.wait_for_data()
        app.ask(QUESTION)
        turn = app.wait_for_answer()["turns"][0]
        assert len(turn["healed"]) == 1
        assert turn["steps"][0][2] == "failed"
        assert turn["answer"] == "The Fulmar."


def test_a_wrong_address_is_said_in_a_sentence_and_nothing_is_lost(open_app, scripted):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and never listening: nobody else answers there
        with open_app(**scripted(f"http://127.0.0.1:{taken.getsockname()[1]}/v1")) as app:
            app.wait_for_data()
            app.ask(QUESTION)
            state = app.wait_for_answer()
            assert "127.0.0.1" in state["turns"][0]["answer"]
            assert "Settings" in state["turns"][0]["answer"]
            app.ask("And now?")
            assert app.wait_for_answer(2)["turns"][1]["answer"]


def test_a_wrong_key_is_said_in_a_sentence(open_app, scripted):
    with ScriptedModel([], api_key="right") as model, open_app(**scripted(model, key="wrong-one")) as app:
        app.wait_for_data()
        app.ask(QUESTION)
        state = app.wait_for_answer()
        assert "key" in state["turns"][0]["answer"]
        assert "wrong-one" not in str(state)


def test_a_model_that_does_not_exist_is_said_in_a_sentence_and_the_next_question_works(open_app, scripted):
    unknown = {
        "error": {
            "message": "The model `scripted` does not exist",
            "type": "invalid_request_error",
            "code": "model_not_found",
        }
    }
    agent = ShopAgent({"decision": [Fail(404, unknown), WORDS]})
    with ScriptedModel(agent) as model, open_app(**scripted(model)) as app:
        app.wait_for_data()
        app.ask("Good morning")
        assert "scripted" in app.wait_for_answer()["turns"][0]["answer"]
        app.ask("Good morning")
        assert app.wait_for_answer(2)["turns"][1]["answer"] == "Good morning!"


def test_a_model_that_talks_nonsense_is_said_in_a_sentence_and_the_next_question_works(open_app, scripted):
    agent = ShopAgent(
        {"decision": [Say("Bananas!"), Say("Bananas?"), Say("Ba."), WORDS], "answer": [Say("Na.")]}
    )
    with ScriptedModel(agent) as model, open_app(**scripted(model)) as app:
        app.wait_for_data()
        app.ask("Good morning")
        assert "no usable answer" in app.wait_for_answer()["turns"][0]["answer"]
        app.ask("Good morning")
        assert app.wait_for_answer(2)["turns"][1]["answer"] == "Good morning!"
