"""Generated objects of every type, and a library that is asked about them."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import settings
from hypothesis import strategies as st

from elysia_desktop.core.schema import CollectionSchema, DataType, Property
from elysia_desktop.stores.library import Library

QUICK = settings(max_examples=60, deadline=None, derandomize=True)

SCHEMA = CollectionSchema(
    name="Things",
    properties=tuple(Property(name=f"the_{t.value.replace('[]', 's')}", type=t) for t in DataType),
)
TYPES = {p.name: p.type for p in SCHEMA.properties}

_offsets = st.sampled_from([UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=-5, minutes=-30))])
_dates = st.builds(
    lambda day, hour, zone: datetime(2024, 1, day, hour, tzinfo=zone).isoformat(),
    st.integers(1, 3),
    st.sampled_from([0, 5, 23]),
    _offsets,
)
_text = st.text(st.sampled_from("aAbB kK%_*?'\"\\éÉßñ日 \n-"), max_size=5)
ELEMENTS = {
    DataType.TEXT: _text,
    DataType.INT: st.integers(-3, 3) | st.sampled_from([2**53 + 1, -(2**63), 2**63 - 1]),
    DataType.FLOAT: st.sampled_from([0.0, -0.0, 0.1, 0.1 + 0.2, -1.5, 1e300, 5e-324, 2.0]),
    DataType.BOOLEAN: st.booleans(),
    DataType.DATE: _dates,
    DataType.OBJECT: st.dictionaries(_text, st.integers() | st.none() | _text, max_size=2),
}


def _values(data_type):
    one = ELEMENTS[data_type.element]
    return st.none() | (st.lists(one, max_size=3) if data_type.is_list else one)


objects = st.lists(
    st.fixed_dictionaries(
        {"uuid": st.uuids().map(str), **{name: _values(t) for name, t in TYPES.items()}},
    ),
    max_size=12,
    unique_by=lambda o: o["uuid"],
)


class Asker:
    """One library for many examples; it holds only what the last question gave it."""

    def __init__(self, folder):
        self._runner = asyncio.Runner()
        self._library = Library(folder)
        self._runner.run(self._library.create(SCHEMA))

    def __call__(self, stored, ask):
        return self._runner.run(self._answer(stored, ask))

    def close(self):
        self._runner.run(self._library.close())
        self._runner.close()

    async def _answer(self, stored, ask):
        before = [o["uuid"] async for o in self._library.scan("Things")]
        assert await self._library.delete("Things", before) == len(before)
        report = await self._library.insert("Things", stored)
        assert report.rejected == []
        return await ask(self._library)
