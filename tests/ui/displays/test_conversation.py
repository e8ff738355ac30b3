import pytest

from elysia_desktop.ui.displays.conversation import ConversationDisplay
from elysia_desktop.ui.displays.message import MessageDisplay


def talk(name, *said, found=(), **more):
    messages = [
        {"author": "Ann", "content": text, "timestamp": f"2024-01-01T10:0{at}:00Z", "relevant": at in found}
        for at, text in enumerate(said)
    ]
    return {"conversation_id": name, "messages": messages, "_REF_ID": f"query_Talk_1_{name}", **more}


@pytest.fixture
def display(qtbot):
    objects = [talk("hall", "Hello.", "A tent?", "Yes.", found={1}), talk("attic", "Tents.", found={0})]
    made = ConversationDisplay(
        {"type": "conversation", "objects": objects, "metadata": {"collection_name": "Talk"}}
    )
    qtbot.addWidget(made)
    made.resize(600, 400)
    made.show()
    return made


def test_each_message_is_a_row_and_those_found_are_marked(display):
    rows = [(row["conversation_id"], row["content"], row["found"]) for row in display.rows()]
    assert rows == [
        ("hall", "Hello.", False),
        ("hall", "A tent?", True),
        ("hall", "Yes.", False),
        ("attic", "Tents.", True),
    ]
    assert [column.name for column in display.columns()] == [
        "conversation_id", "author", "content", "timestamp", "found"
    ]  # fmt: skip


def test_a_conversation_is_selected_at_the_message_that_was_found(display):
    assert display.select_ref("query_Talk_1_hall")
    assert display.table.selected_object()["content"] == "A tent?"
    assert not display.select_ref("query_Talk_1_cellar")


@pytest.mark.parametrize("row", [0, 1, 2])
def test_any_message_selects_its_conversation(qtbot, display, row):
    with qtbot.waitSignal(display.object_selected) as selected:
        display.table.selectRow(row)
    assert selected.args == ["query_Talk_1_hall"]


def test_a_summary_stands_with_the_message_that_was_found(display):
    summarised = [talk("hall", "Hello.", "A tent?", found={1}, ELYSIA_SUMMARY="Of tents.")]
    display.show_summaries({**display.payload, "objects": summarised})
    assert [row.get("summary") for row in display.rows()] == [None, "Of tents."]


def test_messages_alone_are_shown_as_rows(qtbot):
    flat = [{"conversation_id": "hall", "content": "Hello.", "_REF_ID": "r"}]
    made = ConversationDisplay({"type": "conversation", "objects": flat})
    qtbot.addWidget(made)
    assert made.rows() == flat
    assert made.select_ref("r")


def test_what_is_damaged_is_left_out(qtbot):
    made = ConversationDisplay({"objects": [{"messages": [None, {"content": "x"}, 3]}, {"messages": "no"}]})
    qtbot.addWidget(made)
    assert [row["content"] for row in made.rows()] == ["x"]


def test_single_messages_are_not_marked_since_all_were_found(qtbot):
    made = MessageDisplay({"type": "message", "objects": [{"content": "x", "relevant": False}]})
    qtbot.addWidget(made)
    assert made.rows() == [{"content": "x"}]
