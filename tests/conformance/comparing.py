"""Asks stores and the oracle the same, and keeps where they differ."""

import asyncio
import json
import math
import random
import re
from collections import Counter
from dataclasses import dataclass, field

from conformance import oracle
from conformance.generated import Generated

from elysia_desktop.core.requests import QueryRequest, shown
from elysia_desktop.stores.weaviate.store import WeaviateStore

AT_ONCE = 6


@dataclass
class Difference:
    """One request that a store answered in another way than the oracle."""

    store: str
    kind: str
    request: dict
    rows: list
    expected: object
    got: object

    def __str__(self):
        parts = {
            "store": self.store,
            "request": self.request,
            "rows": self.rows,
            "expected": self.expected,
            "got": self.got,
        }
        return "\n".join(
            f"{name}: {json.dumps(part, ensure_ascii=False, default=str)}" for name, part in parts.items()
        )


@dataclass
class Tally:
    """What was asked of which store, and the differences."""

    asked: Counter = field(default_factory=Counter)
    differences: list = field(default_factory=list)

    def __str__(self):
        first = "\n\n".join(str(difference)[:5000] for difference in self.differences[:3])
        return f"{first}\n\n{self.table()}"

    def table(self):
        """One line per store and kind of request."""
        wrong = Counter((d.store, d.kind) for d in self.differences)
        lines = [f"{'store':<10} {'requests':<28} {'asked':>6} {'different':>9}"]
        for (store, kind), count in sorted(self.asked.items()):
            lines.append(f"{store:<10} {kind:<28} {count:>6} {wrong[store, kind]:>9}")
        return "\n".join(lines)


async def compare(stores, seeds, per_collection, tally=None):
    """Ask every store as many generated requests per generated collection; `stores` by name."""
    tally = tally or Tally()
    for seed in seeds:
        given = Generated(random.Random(seed), f"Conformance{seed}")
        requests = given.requests(per_collection)
        for name, store in stores.items():
            await store.create(given.schema)
            report = await store.insert(given.schema.name, given.objects)
            assert report.rejected == [], report.rejected
            try:
                await _ask_all(name, store, given, requests, tally)
            finally:
                await store.drop(given.schema.name)
    return tally


async def _ask_all(name, store, given, requests, tally):
    waiting = iter(requests)

    async def ask():
        for request in waiting:
            await compare_one(name, store, given.schema, given.objects, request, tally)

    await asyncio.gather(*(ask() for _ in range(AT_ONCE)))


async def compare_one(name, store, schema, objects, request, tally):
    """Ask one request and keep the difference, if there is one."""
    kind = kind_of(request)
    tally.asked[name, kind] += 1
    try:
        if isinstance(request, QueryRequest):
            also = oracle.found_by_parts if isinstance(store, WeaviateStore) else oracle.found_by_forms
            expected, got = _queried(schema, objects, request, await store.query(request), also)
        else:
            expected, got = _aggregated(schema, objects, request, await store.aggregate(request))
    except Exception as error:  # noqa: BLE001 - whatever goes wrong is no answer, and the others are still asked
        expected, got = "an answer", f"{type(error).__name__}: {getattr(error, 'sentence', error)}"
    if expected != got:
        rows = _concerned(request, objects, expected, got)
        tally.differences.append(Difference(name, kind, shown(request), rows, expected, got))


def _concerned(request, objects, expected, got):
    """What the request reads of the objects; of the objects those that only one of the answers has, if any."""
    names = {"uuid", *re.findall(r'"property": ?"(\w+)"', json.dumps(request.model_dump(mode="json")))}
    names.add(getattr(request, "group_by", None))
    everything = request.kind == "query" and request.search == "keyword"
    texts = [json.dumps(answer, default=str) for answer in (expected, got)]
    only = [o for o in objects if (o["uuid"] in texts[0]) != (o["uuid"] in texts[1])]
    return [{k: v for k, v in o.items() if everything or k in names} for o in only or objects]


def kind_of(request):
    """What a request is counted as."""
    if not isinstance(request, QueryRequest):
        return "metrics per group" if request.group_by else "metrics"
    parts = ["keyword"] if request.search == "keyword" else []
    parts += ["filter"] if request.filters else []
    parts += ["sort"] if request.sort else []
    return " + ".join(parts) or "page"


def _queried(schema, objects, request, page, also):
    """What should have been found and what was, as far as it is promised.

    `also` is how else than by a word as it is a search of this store finds an object.
    """
    matching = [o for o in objects if oracle.matches(schema, request.filters, o)]
    got = [o["uuid"] for o in page.objects]
    if request.search == "keyword":
        matching = [
            o
            for o in matching
            if oracle.found_by_words(schema, request.text, o) or also(schema, request.text, o)
        ]
        scores = [o["_score"] for o in page.objects]
        if not request.sort and scores != sorted(scores, reverse=True):
            return "the best first", scores
    problems = _values(schema, {o["uuid"]: o for o in objects}, request, page)
    if problems:
        return "the objects as they were stored", problems
    total = None if page.total is None else len(matching)
    in_order = oracle.ordered(schema, matching, request.sort)
    wanted = [o["uuid"] for o in in_order][request.offset : request.offset + request.limit]
    if not request.sort and (request.filters or request.search == "keyword"):
        # No order is promised: as many as there should be, and none that should not.
        possible = {o["uuid"] for o in matching}
        wrong = [uuid for uuid in got if uuid not in possible]
        return (len(wanted), [], total), (len(set(got)), wrong, page.total)
    return (wanted, total), (got, page.total)


def _values(schema, by_uuid, request, page):
    """The values that came back otherwise than they were stored."""
    names = {p.name for p in schema.properties}
    names &= names if request.properties is None else set(request.properties)
    wrong = []
    for found in page.objects:
        stored = by_uuid.get(found["uuid"])
        if found.keys() - {"_score"} != names | {"uuid"}:
            wrong.append({"uuid": found["uuid"], "properties": sorted(found)})
        elif stored is not None:
            wrong += [
                {"uuid": found["uuid"], name: [stored[name], found[name]]}
                for name in names
                if not oracle.same_value(schema.property(name), stored[name], found[name])
            ]
    return wrong


def _aggregated(schema, objects, request, found):
    matching = [o for o in objects if oracle.matches(schema, request.filters, o)]
    if request.group_by is None:
        wanted = [oracle.metric(schema, m, matching) for m in request.metrics]
        return (len(matching), _rounded(wanted), None), (
            found.count,
            _rounded([m.value for m in found.metrics]),
            found.groups,
        )
    groups = list(oracle.groups(schema, request.group_by, matching).items())[: request.limit]
    expected = [
        (value, len(of), _rounded([oracle.metric(schema, m, of) for m in request.metrics]))
        for value, of in groups
    ]
    got = [(g.value, g.count, _rounded([m.value for m in g.metrics])) for g in found.groups or ()]
    return (len(matching), expected), (found.count, got)


def _rounded(values):
    """Sums and means to twelve digits: the order of the summands is nobody's promise."""
    return [float(f"{v:.12g}") if isinstance(v, float) and math.isfinite(v) else v for v in values]
