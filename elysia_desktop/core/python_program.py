"""A program around a query: what it imports, how it connects, which collection it asks."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from elysia_desktop.core.python_layout import call, literal, statement
from elysia_desktop.core.requests import Consistency

LOCAL = "weaviate.connect_to_local()"

_STANDARD = {"collections": ("Counter", "defaultdict"), "datetime": ("UTC", "datetime"), "uuid": ("UUID",)}
_CLIENT = {
    "weaviate.classes.aggregate": ("GroupByAggregate",),
    "weaviate.classes.config": ("ConsistencyLevel",),
    "weaviate.classes.query": ("Filter", "Metrics", "Sort"),
}
_LEVELS = {"one": "ConsistencyLevel.ONE", "quorum": "ConsistencyLevel.QUORUM", "all": "ConsistencyLevel.ALL"}


@dataclass(frozen=True)
class Target:
    """Where a program runs: the expression that connects, the tenant and the consistency it asks for, if any."""

    connect: str = LOCAL
    tenant: str = ""
    consistency: Consistency = "default"


def program(collection: str, body: Sequence[str], target: Target) -> str:
    """The whole text; the lines of `body` are indented once and know the collection as `collection`."""
    opened = [*f"with {target.connect} as client:".split("\n"), *_collection(collection, target), *body]
    used = {node.id for node in ast.walk(ast.parse("\n".join(opened))) if isinstance(node, ast.Name)}
    standard = [*(["import os"] if "os" in used else []), *_imports(_STANDARD, used)]
    blank = [""] if standard else []
    return "\n".join([*standard, *blank, "import weaviate", *_imports(_CLIENT, used), "", *opened, ""])


def _imports(modules: Mapping[str, Sequence[str]], used: set[str]) -> list[str]:
    return [
        f"from {module} import {', '.join(name for name in names if name in used)}"
        for module, names in modules.items()
        if used.intersection(names)
    ]


def _collection(name: str, target: Target) -> list[str]:
    lines = statement("collection = ", call("client.collections.use", literal(name)), 1)
    if target.tenant:
        lines += statement("collection = ", call("collection.with_tenant", literal(target.tenant)), 1)
    if target.consistency != "default":
        level = _LEVELS[target.consistency]
        lines += statement("collection = ", call("collection.with_consistency_level", level), 1)
    return lines
