"""Queries as programs for weaviate-client, which find the same objects in the same order as a store."""

from __future__ import annotations

from collections.abc import Mapping

from elysia_desktop.core.python_filters import CREATION_TIME, UUID, all_of, filters_code, type_of
from elysia_desktop.core.python_layout import STEP, Node, assignment, call, items, literal, statement
from elysia_desktop.core.python_program import Target, program
from elysia_desktop.core.requests import MAX_LIMIT, AggregateRequest, QueryRequest, Sort
from elysia_desktop.core.schema import CollectionSchema, DataType

SINGLE_VECTOR = "default"


def query_code(request: QueryRequest, schema: CollectionSchema | None, target: Target) -> str:
    """The program of a query, which prints each object; without a schema, types are read off the values."""
    is_page_of_all = request.search == "none" and bool(request.sort or request.offset)
    is_whole = is_page_of_all and not _is_in_two(request, schema)
    lines, filters = filters_code(request.filters, schema, whole=is_whole)
    if request.sort:
        lines += _sorted(request, schema, filters)
        found = "objects"
    else:
        page: dict[str, Node | None] = {
            "filters": filters,
            "limit": str(request.limit),
            "offset": str(request.offset) if request.offset else None,
            "return_properties": _properties(request, schema),
        }
        lines += statement("response = ", search_code(request, schema, page), 1)
        found = "response.objects"
    lines += [f"    for item in {found}:", "        print(item.uuid, item.properties)"]
    return program(request.collection, lines, target)


def search_code(
    request: QueryRequest | AggregateRequest,
    schema: CollectionSchema | None,
    page: Mapping[str, Node | None],
    within: str = "collection.query",
) -> Node:
    """The call that searches as a request says, or only filters, with these further arguments."""
    text = literal(request.text or "")
    target = _target_vector(request, schema)
    match request.search:
        case "none":
            return call(f"{within}.fetch_objects", **page)
        case "keyword":
            return call(f"{within}.bm25", query=text, **page)
        case "vector":
            return call(f"{within}.near_text", query=text, target_vector=target, **page)
        case "hybrid":
            alpha = literal(request.alpha) if isinstance(request, QueryRequest) else "0.5"
            return call(f"{within}.hybrid", query=text, alpha=alpha, target_vector=target, **page)


def _target_vector(request: QueryRequest | AggregateRequest, schema: CollectionSchema | None) -> Node | None:
    """The vectors asked for, else all that a text can be compared with; None where there is only one."""
    names = request.target_vectors if isinstance(request, QueryRequest) else None
    vectors = schema.vectors if schema else ()
    if not names and (len(vectors) > 1 or any(vector.name != SINGLE_VECTOR for vector in vectors)):
        names = tuple(vector.name for vector in vectors if vector.vectorizer != "none")
    if not names:
        return None
    return literal(names[0]) if len(names) == 1 else items(literal(name) for name in names)


def _properties(request: QueryRequest, schema: CollectionSchema | None) -> Node | None:
    """The properties to return; all where some are objects, whose parts would have to be named one by one."""
    if request.properties is None:
        return None
    names = [name for name in request.properties if name != UUID]
    if schema is not None:
        types = {prop.name: prop.type for prop in schema.properties}
        names = [name for name in names if name in types]
        if any(types[name] is DataType.OBJECT for name in names):
            return None
    return items(literal(name) for name in names)


def hits_code(search: Node) -> list[str]:
    """The lines that search and keep the ids of what was found as `hits`."""
    return [
        *statement("found = ", search, 1),
        "    hits = [item.uuid for item in found.objects]",
        "    hits = hits or [UUID(int=0)]  # which no object has",
    ]


def _sorted(request: QueryRequest, schema: CollectionSchema | None, filters: Node | None) -> list[str]:
    """The lines that put the sorted page into `objects`; Weaviate puts missing values first, a store last."""
    lines: list[str] = []
    is_search = request.search != "none"
    if is_search:
        # Of a keyword search all hits are sorted, of the others the nearest.
        most = MAX_LIMIT if request.search == "keyword" else request.offset + request.limit
        page: dict[str, Node | None] = {"filters": filters, "limit": str(most), "return_properties": "[]"}
        lines += [
            "    # A search has an order of its own, so what it finds is asked for once more.",
            *hits_code(search_code(request, schema, page)),
        ]
        filters = "Filter.by_id().contains_any(hits)"
    lines += assignment("sort", _sort_chain(request.sort), 1)
    first = request.sort[0]
    if _is_in_two(request, schema):
        return [*lines, *_in_two(request, schema, first.property, filters)]
    if _puts_missing_first(first):
        return [*lines, *_missing_last(request, schema, first.property, filters)]
    offset = str(request.offset) if request.offset else None
    asked = _page(request, schema, filters, str(request.limit), offset)
    return [*lines, *statement("objects = ", asked, 1, ".objects")]


def _is_in_two(request: QueryRequest, schema: CollectionSchema | None) -> bool:
    """Whether objects with a value and those without are asked for apart, which needs an index of the missing.

    That index has texts without a word among the missing, while orders have them among the others.
    """
    if schema is None or not request.sort or not _puts_missing_first(request.sort[0]):
        return False
    data_type = type_of(request.sort[0].property, schema)
    return schema.indexed.is_null and data_type not in {None, DataType.TEXT}


def _puts_missing_first(first: Sort) -> bool:
    return first.direction == "asc" and first.property not in {CREATION_TIME, UUID}


def _in_two(
    request: QueryRequest, schema: CollectionSchema | None, name: str, filters: Node | None, depth: int = 1
) -> list[str]:
    most, indent = request.offset + request.limit, " " * (STEP * depth)
    has_none = call(f"Filter.by_property({literal(name)}).is_none", "is_missing")
    both = has_none if filters is None else all_of([filters, has_none])
    return [
        f"{indent}objects = []",
        f"{indent}for is_missing in (False, True):  # objects without a value come last",
        f"{indent}    if len(objects) < {most}:",
        *statement("response = ", _page(request, schema, both, f"{most} - len(objects)"), depth + 2),
        f"{indent}        objects += response.objects",
        *([f"{indent}objects = objects[{request.offset}:]"] if request.offset else []),
    ]


def _missing_last(
    request: QueryRequest, schema: CollectionSchema | None, name: str, filters: Node | None
) -> list[str]:
    counted = call(
        "collection.aggregate.over_all",
        filters=filters,
        return_metrics=call(f"Metrics({literal(name)}).number", count="True"),
    )
    lines = [
        "    # Objects without a value come first in Weaviate: they are counted and skipped.",
        *statement("counted = ", counted, 1),
        f"    present = counted.properties[{literal(name)}].count",
        "    missing = counted.total_count - present",
    ]
    if schema is None or not schema.indexed.is_null:
        return [*lines, *_skipped(request, schema, filters, 1)]
    return [
        *lines,
        f"    if missing + {request.offset + request.limit} <= {MAX_LIMIT}:",
        *_skipped(request, schema, filters, 2),
        "    else:  # farther than Weaviate counts",
        *_in_two(request, schema, name, filters, 2),
    ]


def _skipped(
    request: QueryRequest, schema: CollectionSchema | None, filters: Node | None, depth: int
) -> list[str]:
    """The lines that read the page from behind the objects without a value, then from those."""
    indent, offset = " " * (STEP * depth), request.offset
    page = _page(request, schema, filters, str(request.limit), f"missing + {offset}" if offset else "missing")
    start = [f"{indent}    start = max({offset} - present, 0)"] if offset else []
    rest = _page(request, schema, filters, f"{request.limit} - len(objects)", "start" if offset else None)
    return [
        f"{indent}objects = []",
        f"{indent}if present > {offset}:",
        *statement("response = ", page, depth + 1),
        f"{indent}    objects += response.objects",
        f"{indent}if len(objects) < {request.limit}:  # objects without a value come last",
        *start,
        *statement("response = ", rest, depth + 1),
        f"{indent}    objects += response.objects[{': max(missing - start, 0)' if offset else ':missing'}]",
    ]


def _page(
    request: QueryRequest,
    schema: CollectionSchema | None,
    filters: Node | None,
    limit: str,
    offset: str | None = None,
) -> Node:
    return call(
        "collection.query.fetch_objects",
        filters=filters,
        sort="sort",
        limit=limit,
        offset=offset,
        return_properties=_properties(request, schema),
    )


def _sort_chain(sort: tuple[Sort, ...]) -> tuple[str, ...]:
    """The calls of an ordering, which ends with the id."""
    last = () if any(one.property == UUID for one in sort) else (Sort(property=UUID),)
    calls = [_sorting(one) for one in (*sort, *last)]
    return (f"Sort{calls[0]}", *calls[1:])


def _sorting(one: Sort) -> str:
    descending = one.direction == "desc"
    match one.property:
        case "uuid":
            return f".by_id({'ascending=False' if descending else ''})"
        case "_creation_time":
            return f".by_creation_time({'ascending=False' if descending else ''})"
        case name:
            return f".by_property({literal(name)}{', ascending=False' if descending else ''})"
