from datetime import datetime

from elysia_desktop.core.atlas import Atlas


def test_the_time_is_read_when_it_is_asked_for():
    atlas = Atlas()
    told = datetime.fromisoformat(atlas.datetime_reference["current_datetime"])
    assert abs((datetime.now().astimezone() - told).total_seconds()) < 5
    assert "datetime" not in atlas.model_dump_json()


def test_a_time_that_is_given_holds():
    moment = {"current_datetime": "2024-02-29T12:00:00"}
    atlas = Atlas(style="Dry.", datetime_reference=moment)
    moment["current_datetime"] = "changed"
    assert atlas.datetime_reference == {"current_datetime": "2024-02-29T12:00:00"}
    assert atlas.model_copy().datetime_reference == atlas.datetime_reference
    assert atlas.model_dump() == {
        "style": "Dry.",
        "agent_description": "No description provided.",
        "end_goal": "No end goal provided.",
    }
