import asyncio
import json

import pytest
from support.scripted_model import ScriptedModel
from support.shop_agent import ShopAgent, decision

from elysia_desktop.stores.feedback import RatedRuns

pytestmark = pytest.mark.window

WORDS = decision("text_response", "A greeting.", end=True, text="Good morning!")


def ratings(profile):
    """The ratings that are kept, by question, read from the file as it is."""

    async def read():
        runs = RatedRuns(profile / "feedback.db")
        try:
            return {run.question: run.rating for run in await runs.well_rated()}
        finally:
            await runs.close()

    return asyncio.run(read())


def test_a_rating_is_kept_and_shown_again_after_a_restart(open_app, scripted, profile):
    with ScriptedModel(ShopAgent({"decision": [WORDS]})) as model:
        with open_app(**scripted(model)) as app:
            app.wait_for_data()
            app.ask("Hello?")
            app.wait_for_answer()
            app.click("Very good answer")
            app.wait("the rating is kept", lambda _: ratings(profile) == {"Hello?": 2})
        with open_app(**scripted(model)) as app:
            app.wait("the rating is shown", lambda s: s["turns"] and s["turns"][0].get("rating") == 2)
            app.click("Very good answer")
            app.wait("the rating is taken back", lambda _: ratings(profile) == {})


def test_a_bad_answer_is_kept_as_a_regression_case(open_app, scripted, profile):
    with ScriptedModel(ShopAgent({"decision": [WORDS]})) as model, open_app(**scripted(model)) as app:
        app.wait_for_data()
        app.ask("Hello?")
        app.wait_for_answer()
        app.click("Bad answer")
        app.choose("Keep as regression case")
        app.wait("it is kept", lambda s: "regression case" in s["notice"])
        (case,) = (profile / "cases").glob("hello-*.json")
        assert json.loads(case.read_text("utf-8"))["run"]["answer"] == "Good morning!"
