from elysia_desktop.core.environment import Environment
from elysia_desktop.engine.stored_objects import objects_of


def test_repeats_are_the_objects_that_they_repeat():
    made = Environment()
    (first,) = made.add_objects("query", "Films", [{"title": "Alien"}])
    made.add_objects("query", "Films", [{"title": "Alien"}, {"title": "Solaris"}])
    again = objects_of(made, made.find("query", "Films", 1))
    assert again[0] is first
    assert [item["title"] for item in again] == ["Alien", "Solaris"]
