from typing import Any

import pytest

from elysia_desktop.ui.inspector.tree_layout import Course, TreeLayout, lay_out, nodes_of


def node(name: str, *options: dict[str, Any], branch: bool = False) -> dict[str, Any]:
    return {
        "name": name,
        "id": name,
        "description": "",
        "branch": branch,
        "options": {option["id"]: option for option in options},
    }


TREE = node("base", node("query", node("post")), node("aggregate"), node("text_response"), branch=True)


def drawn(
    course: Course | None = None, available: float = 600, tree: dict[str, Any] = TREE, **more: bool
) -> TreeLayout:
    return lay_out(tree, course or Course(), lambda text, style: 7.0 * len(text), available, **more)


def test_options_stand_right_of_their_node_and_below_each_other() -> None:
    layout = drawn()
    base, query, post, aggregate, _ = layout.boxes
    assert base.x + base.width < query.x == aggregate.x
    assert query.x + query.width < post.x
    assert query.y + query.height < aggregate.y
    assert layout.height >= max(box.y + box.height for box in layout.boxes)


def test_no_two_boxes_overlap() -> None:
    deep = node("base", node("a", node("b"), node("c", node("d"), node("e"))), node("f" * 20), branch=True)
    boxes = drawn(tree=deep).boxes
    for one in boxes:
        for other in boxes:
            apart_x = one.x + one.width <= other.x or other.x + other.width <= one.x
            assert one is other or apart_x or one.y + one.height <= other.y or other.y + other.height <= one.y


def test_columns_move_together_where_the_room_is_narrow() -> None:
    assert drawn(available=200).width < drawn(available=2000).width


def test_only_what_was_taken_is_lit() -> None:
    course = Course(
        edges=frozenset({("base", "query")}), taken=frozenset({"base", "query"}), notes={"query": "1 · 1.4 s"}
    )
    layout = drawn(course)
    assert [box.node for box in layout.boxes if box.is_taken] == ["base", "query"]
    assert [link.is_taken for link in layout.links] == [True, False, False, False]
    query, post = layout.boxes[1], layout.boxes[2]
    assert query.note == "1 · 1.4 s"
    assert query.height > post.height


def test_a_tool_in_two_places_is_lit_where_it_was_reached() -> None:
    twice = node("base", node("search", node("query"), branch=True), node("query"), branch=True)
    course = Course(
        frozenset({("base", "search"), ("search", "query")}), frozenset({"base", "search", "query"})
    )
    layout = drawn(course, tree=twice)
    assert [box.key for box in layout.boxes if box.is_taken] == ["base", "base/search", "base/search/query"]
    found = layout.box_of("query")
    assert found is not None
    assert found.key == "base/search/query"


def test_a_mirrored_drawing_has_its_root_at_the_right() -> None:
    layout = drawn(mirrored=True)
    assert layout.boxes[0].x > layout.boxes[1].x
    assert layout.links[0].start[0] == layout.boxes[0].x


def test_neighbours_stop_at_the_ends_of_a_column() -> None:
    layout = drawn()
    query, aggregate = layout.boxes[1], layout.boxes[3]
    assert layout.neighbour(query, 1) == aggregate
    assert layout.neighbour(query, -1) == query


@pytest.mark.parametrize("tree", [{}, {"name": "base"}])
def test_a_tree_without_options_is_drawn(tree: dict[str, Any]) -> None:
    assert len(drawn(tree=tree).boxes) == len(list(nodes_of(tree))) == len(tree)
