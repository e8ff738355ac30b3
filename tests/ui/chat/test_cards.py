import pytest
from ui.chat.runs import PRODUCTS, SUMMARISED, WAITING

from elysia_desktop.ui.chat.cards import brings_summaries, object_names, result_card


def test_objects_are_called_by_their_name():
    assert object_names(PRODUCTS) == {
        "query_Products_0_0": "Alpine 3 Tent",
        "query_Products_0_1": "Ridge 45 Backpack",
    }


def test_an_object_without_a_text_is_called_by_its_ref_id():
    assert object_names({"objects": [{"price": 3, "uuid": "u", "_REF_ID": "r"}, {"price": 4}]}) == {"r": "r"}


def test_the_parts_found_of_a_document_are_called_as_it_is():
    spans = [{"start": 0, "end": 1, "_REF_ID": f"r{n}"} for n in range(2)]
    documents = [
        {"title": "Guide", "_REF_ID": "r0", "chunk_spans": spans},
        {"title": "Other", "_REF_ID": "r2"},
    ]
    assert object_names({"objects": documents}) == {"r0": "Guide", "r1": "Guide", "r2": "Other"}


def test_the_card_of_a_result_finds_its_objects(qtbot):
    from PySide6.QtWidgets import QWidget

    parent = QWidget()
    qtbot.addWidget(parent)
    card = result_card(PRODUCTS, parent)
    assert card.select_ref("query_Products_0_1")
    assert not card.select_ref("query_Products_9_9")


def test_a_result_with_summaries_completes_the_one_that_waits_for_them():
    assert brings_summaries(SUMMARISED, WAITING)


@pytest.mark.parametrize(
    ("later", "earlier"),
    [
        (SUMMARISED, PRODUCTS),
        (PRODUCTS, WAITING),
        (WAITING, WAITING),
        (SUMMARISED | {"objects": SUMMARISED["objects"][:1]}, WAITING),
        (SUMMARISED | {"objects": SUMMARISED["objects"][::-1]}, WAITING),
        (SUMMARISED | {"type": "product"}, WAITING),
        ({}, WAITING),
        (SUMMARISED, {}),
    ],
)
def test_any_other_result_stands_for_itself(later, earlier):
    assert not brings_summaries(later, earlier)
