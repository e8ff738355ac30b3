import pytest

pytestmark = pytest.mark.window

QUESTION = "a waterproof jacket for the hills"


def test_a_first_start_answers_by_searching_and_the_next_start_finds_everything_as_it_was(open_app):
    with open_app() as app:
        first = app.state()
        assert first["title"] == "New conversation"
        assert not first["turns"]
        ready = app.wait_for_data()
        assert "Local library · 5 collections" in " ".join(ready["status"])
        assert (
            len(
                app.wait("suggestions", lambda s: "What is in my data?" not in s["suggestions"])[
                    "suggestions"
                ]
            )
            == 4
        )
        app.wait("the line about models", lambda s: "language model" in s["notice"])
        app.ask(QUESTION)
        answered = app.wait_for_answer()
        turn = answered["turns"][0]
        products = next(card for card in turn["cards"] if card["title"] == "Products")
        assert products["table"]["columns"][0] == "Name"
        assert 1 <= products["table"]["count"] <= 8
        assert "Jacket" in " ".join(row[0] for row in products["table"]["rows"])
        assert "language model" in turn["answer"]
        assert answered["conversations"] == ["Today", QUESTION]
        assert answered["inspector"]["environment"][0][0] == "search"
        assert "No decision was made" in answered["inspector"]["decision"]
        app.press("Ctrl+3")
        app.press("Ctrl+B")
        app.resize(1180, 780)
        app.type("half a question")
        before = app.wait(
            "the layout to change", lambda s: s["size"] == [1180, 780] and not s["docks"]["conversations"][0]
        )
    with open_app() as app:
        app.wait_for_data()
        again = app.wait("the conversation is back", lambda s: s["turns"] and s["turns"][0].get("footer"))
        assert again["title"] == QUESTION
        assert again["size"] == before["size"]
        assert again["inspector"]["tab"] == "objects"
        assert not again["docks"]["conversations"][0]
        assert again["draft"] == "half a question"
        kept, was = again["turns"][0], before["turns"][0]
        assert kept["answer"] == was["answer"]
        assert kept["cards"] == was["cards"]
        app.wait(
            "the environment is back",
            lambda s: s["inspector"]["environment"] == before["inspector"]["environment"],
        )


def test_a_question_of_the_command_line_is_asked_at_once(open_app):
    with open_app("--ask", "waterproof jacket", "--collections", "Products") as app:
        state = app.wait_for_answer(seconds=60)
        assert state["turns"][0]["prompt"] == "waterproof jacket"
        assert [card["title"] for card in state["turns"][0]["cards"]] == ["Products"]


def test_an_unknown_collection_is_named_and_the_next_question_works(open_app):
    with open_app("--ask", "waterproof jacket", "--collections", "Widgets") as app:
        state = app.wait_for_answer(seconds=60)
        said = " ".join([*state["turns"][0]["warnings"], state["turns"][0]["answer"]])
        assert "There is no collection “Widgets”" in said
        app.ask("waterproof jacket")
        assert app.wait_for_answer(2)["turns"][1]["cards"]


def test_an_empty_question_is_not_asked(open_app):
    with open_app() as app:
        app.wait_for_data()
        app.ask("   ")
        state = app.wait("a hint", lambda s: s["hint"])
        assert state["hint"] == "Type a question first."
        assert not state["turns"]
        app.ask("tent")
        assert app.wait_for_answer()["turns"][0]["prompt"] == "tent"
