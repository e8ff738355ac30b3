import pytest
from support.profile_in_memory import STRUCTURE
from ui.chat.runs import PRODUCTS, a_run, a_turn
from ui.inspector.calls_samples import a_loop

from elysia_desktop.core.environment import Environment
from elysia_desktop.ui.controllers.links import Links


@pytest.fixture
def links(window):
    running = set()
    links = Links(window.page, window.inspector, running.__contains__)
    links.running = running
    window.page.set_turns([a_turn("q1", a_run()), a_turn("q2", a_loop())])
    environment = Environment(self_info=False)
    environment.add_objects("query", "Products", PRODUCTS["objects"])
    window.inspector.set_environment(environment, {})
    window.inspector.set_tree(STRUCTURE)
    return links


def test_a_step_shows_its_run_and_what_is_behind_it(links, window):
    window.inspector.set_current_tab("prompts")
    window.page.step_selected.emit("q2", 1)
    assert window.inspector.current_tab == "run"
    assert window.inspector.run.call.header.title == "summarize_document"
    window.page.step_selected.emit("q1", 0)
    assert not window.inspector.run.shows_calls
    assert window.inspector.canvas.selected_node == "query"


def test_the_run_that_goes_on_is_followed_and_not_begun_anew(links, window):
    links.running.add("q2")
    window.inspector.begin_run("q2")
    window.page.citation_selected.emit("q2", "nothing")
    assert not window.inspector.run.shows_calls  # what it sent so far is fed as it comes


def test_a_result_is_opened_as_a_table_at_its_first_object(links, window):
    window.page.table_wanted.emit("q1", PRODUCTS)
    assert window.inspector.current_tab == "objects"
    assert window.inspector.objects.shown_place == ("query", "Products", 0)
