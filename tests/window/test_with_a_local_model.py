import pytest

pytestmark = [pytest.mark.window, pytest.mark.model]


def test_a_model_file_is_served_by_the_application_itself_and_the_run_ends_in_words(open_app, model_file):
    served = {"BASE_PROVIDER": "on_this_computer", "MODEL_FILE": str(model_file)}
    with open_app(**served) as app:
        app.wait_for_data()
        app.ask("Which waterproof jackets are there?")
        state = app.wait_for_answer(seconds=280)
        turn = state["turns"][0]
        assert turn["answer"].strip()
        assert turn["steps"]
        # stopped: so small a model may call a step impossible, which is then not taken
        assert all(step[2] in {"done", "failed", "stopped"} for step in turn["steps"])
        assert "tokens" in turn["footer"]
        assert "Stopped" not in turn["footer"]
        assert "Idle" in state["status"]
