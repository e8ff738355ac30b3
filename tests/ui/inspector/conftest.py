from typing import Any

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication

from elysia_desktop.core.environment import Environment
from elysia_desktop.ui import theme

Payloads = list[dict[str, Any]]


@pytest.fixture(autouse=True, scope="session")
def light_theme(qapp: QApplication) -> None:
    QLocale.setDefault(QLocale("en_US"))
    theme.apply(qapp, "light")


def node(name: str, *options: dict[str, Any], branch: bool = False) -> dict[str, Any]:
    return {
        "name": name,
        "id": name,
        "description": f"Does {name}.",
        "instruction": "",
        "reasoning": "",
        "branch": branch,
        "options": {option["id"]: option for option in options},
    }


@pytest.fixture
def tree() -> dict[str, Any]:
    tools = (node("visualise"), node("query", node("post")), node("aggregate"), node("text_response"))
    return node("base", *tools, branch=True)


@pytest.fixture
def payloads() -> Payloads:
    """Two decisions and their steps: `query`, then `text_response`, asked twice."""

    def sent(kind: str, **content: Any) -> dict[str, Any]:
        return {
            "type": kind,
            "id": "x",
            "user_id": "u",
            "conversation_id": "c",
            "query_id": "q1",
            "payload": content,
        }

    def decided(to: str, why: str, attempts: int) -> Payloads:
        used = {
            "purpose": "decision",
            "model": "gpt-oss:20b",
            "seconds": 0.8,
            "cost": None,
            "attempts": attempts,
        }
        options = ["visualise", "query", "text_response"]
        return [
            sent("model_used", input_tokens=1612, output_tokens=58, options=options, **used),
            sent("tree_update", node="base", decision=to, reasoning=why, tree_index=0, reset=False),
        ]

    return [
        *decided("query", "Look <b>first</b>.", 1),
        sent("step_finished", node="query", seconds=1.4, found="Products · 10 objects", failed=False),
        *decided("text_response", "Enough is known.", 2),
        sent("step_finished", node="text_response", seconds=2.0, found="", failed=False),
        sent("completed"),
    ]


@pytest.fixture
def environment() -> Environment:
    environment = Environment()
    products = [
        {"name": f"Trail shoe {number}", "price": 49.5 + number, "stock": None} for number in range(10)
    ]
    environment.add_objects("query", "Products", products, {"query_type": "none", "time": 1.4})
    environment.add_objects("aggregate", "Groups", [{"name": "Shoes", "count": 3}])
    return environment
