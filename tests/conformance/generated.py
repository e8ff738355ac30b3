"""Collections, objects and requests made up from a seed; few different values, so that much coincides."""

from uuid import UUID

from conformance import oracle

from elysia_desktop.core.requests import (
    AggregateRequest,
    And,
    Metric,
    Not,
    Or,
    PropertyFilter,
    QueryRequest,
    Sort,
)
from elysia_desktop.core.schema import CollectionSchema, DataType, Property, metrics_of, operators_of

TOKENIZED = ("field", "lowercase", "whitespace", "trigram")

PROPERTIES = (
    *(Property(name=f"the_{t.value.replace('[]', 's')}", type=t) for t in DataType),
    Property(name="other_int", type="int"),
    Property(name="other_text", type="text"),
    Property(name="other_boolean", type="boolean"),
    *(Property(name=f"text_by_{cut}", type="text", tokenization=cut) for cut in TOKENIZED),
    *(Property(name=f"texts_by_{cut}", type="text[]", tokenization=cut) for cut in TOKENIZED),
    Property(name="unsearched", type="text", searchable=False),
    Property(name="only_searched", type="text", filterable=False),
)

_TEXTS = (
    "", " ", "-", "red", "Red", "  Red ", "dark red", "Dark RED-hot", "The red one", "blue", "blue red", "redder",
    "café", "CAFÉ", "cafe", "cafe\u0301", "Élan", "élan", "ß", "Straße", "STRASSE", "日本", "日本 語", "İzmir", "ΑΣ ας",
    "Kelvin \u212a1", "K1", "k", "i", "a_b", "a-b", "3.14", "3", "½ Ⅷ", "100%", "a*b", "a?b", "a\\b", "x\ny", "x\ty",
    'say "hi"', "<b>&amp;", "'quoted'", "[list]", "_x", "Zebra", "zebra", "apple", "Apple pie", "😀 a😀b", "क्षेत्र",
    "em\u3000space", "\u00a0nb", "and or not", "a" * 120 + " end", "the", "running", "runs",
)  # fmt: skip
_PIECES = (
    "r",
    "red",
    "RED",
    "d",
    "a",
    "é",
    "É",
    "k",
    "K",
    "i",
    "1",
    "_",
    "-",
    " ",
    "日",
    "ß",
    "\n",
    "%",
    "\\",
    "o",
)
_DATES = (
    "2024-01-01T00:00:00+00:00", "2024-01-01T02:00:00+02:00", "2024-01-01T05:30:00.123456+00:00",
    "2024-01-02T00:00:00.123456-05:30", "1969-12-31T23:59:59+00:00", "2024-02-29T12:00:00+00:00",
    "2262-04-01T00:00:00+01:00",
)  # fmt: skip
_FAR = ("0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59+00:00")
ELEMENTS = {
    DataType.TEXT: _TEXTS,
    DataType.INT: (-3, -2, -1, 0, 1, 2, 3, 1_000_000_000_000),
    DataType.FLOAT: (0.0, -0.0, 0.1, 0.1 + 0.2, -1.5, 2.0, 3.0, 1e15, 5e-324),
    DataType.BOOLEAN: (True, False),
    DataType.DATE: _DATES,
    DataType.OBJECT: ({"x": "a"}, {"x": "b", "n": 1.5}),
}
_WORDS = (
    "red",
    "Dark red",
    "café",
    "hot blue",
    "K1",
    "日本",
    "running",
    "3.14 zebra",
    "nothing-like-it",
    "a b",
    "the",
)


SIZES = (0, 1, 6, 15, 30, 60)


class Generated:
    """One collection of objects and requests about it; the same for the same seed."""

    def __init__(self, rng, name="Things", size=None):
        self._rng = rng
        self.schema = CollectionSchema(name=name, properties=PROPERTIES)
        self.objects = [self._object() for _ in range(rng.choice(SIZES) if size is None else size)]

    def _object(self):
        missing = self._rng.choice((0.1, 0.3, 0.9))
        stored = {"uuid": str(UUID(int=self._rng.getrandbits(128), version=4))}
        for prop in self.schema.properties:
            stored[prop.name] = None if self._rng.random() < missing else self._value(prop.type)
        return stored

    def _value(self, data_type):
        if data_type.is_list:
            return [self._rng.choice(ELEMENTS[data_type.element]) for _ in range(self._rng.randint(0, 3))]
        return self._rng.choice(ELEMENTS[data_type])

    def requests(self, count):
        """As many requests as asked for, of every kind."""
        kinds = (self.query, self.query, self.query, self.keyword, self.aggregation, self.grouping)
        return [self._rng.choice(kinds)() for _ in range(count)]

    def query(self):
        """A query by filter and order."""
        return QueryRequest(
            collection=self.schema.name,
            filters=self._maybe_filter(),
            sort=self._sort(),
            **self._page(),
            properties=self._rng.choice((None, None, ("the_int", "the_date", "uuid"), ())),
        )

    def keyword(self):
        """A search by words."""
        text = self._rng.choice((*_WORDS, *(t for t in _TEXTS if oracle.terms(t, "word"))))
        return QueryRequest(
            collection=self.schema.name,
            search="keyword",
            text=text,
            filters=self._maybe_filter(0.3),
            sort=self._sort(0.3),
            limit=100,
        )

    def aggregation(self):
        """Metrics over all that match."""
        return AggregateRequest(
            collection=self.schema.name, metrics=self._metrics(), filters=self._maybe_filter()
        )

    def grouping(self):
        """Metrics per group."""
        possible = [p.name for p in self.schema.properties if _scalar(p) or p.type is DataType.TEXTS]
        return AggregateRequest(
            collection=self.schema.name,
            group_by=self._rng.choice(possible),
            metrics=self._metrics(),
            filters=self._maybe_filter(0.4),
            limit=self._rng.choice((None, None, 1, 3)),
        )

    def tree(self, depth=3):
        """A filter."""
        kind = self._rng.random()
        if depth == 0 or kind < 0.55:
            return self._leaf()
        if kind < 0.7:
            return Not(filter=self.tree(depth - 1))
        parts = tuple(self.tree(depth - 1) for _ in range(self._rng.randint(1, 3)))
        return And(filters=parts) if kind < 0.85 else Or(filters=parts)

    def _maybe_filter(self, share=0.8):
        return self.tree() if self._rng.random() < share else None

    def _sort(self, share=0.5):
        if self._rng.random() > share:
            return ()
        possible = [p.name for p in self.schema.properties if _scalar(p)]
        chosen = self._rng.sample([*possible, "uuid"], self._rng.randint(1, 3))
        return tuple(Sort(property=name, direction=self._rng.choice(("asc", "desc"))) for name in chosen)

    def _page(self):
        return {"limit": self._rng.choice((1, 3, 5, 100)), "offset": self._rng.choice((0, 0, 0, 1, 4, 20))}

    def _metrics(self):
        possible = [
            Metric(property=p.name, function=function)
            for p in self.schema.properties
            for function in metrics_of(p.type)
            if p.type is not DataType.OBJECT
        ]
        chosen = self._rng.sample(possible, self._rng.randint(0, 6))
        return tuple(
            m.model_copy(update={"min_occurrences": self._rng.choice((None, 1, 2))})
            if m.function == "TOP_OCCURRENCES"
            else m
            for m in chosen
        )

    def _leaf(self):
        if self._rng.random() < 0.02:
            operator = self._rng.choice(("=", "<", ">", "<=", ">="))
            return PropertyFilter(property="_creation_time", operator=operator, value="2020-01-01T00:00:00Z")
        prop = self._rng.choice([p for p in self.schema.properties if p.type is not DataType.OBJECT])
        length = prop.type.is_list and self._rng.random() < 0.25
        operator = self._rng.choice(operators_of(prop.type, length=length))
        value = self._wanted(prop, operator, length)
        return PropertyFilter(property=prop.name, operator=operator, value=value, length=length)

    def _wanted(self, prop, operator, length):
        if operator == "IS_NULL":
            return self._rng.random() < 0.5
        if length:
            return self._rng.randint(0, 3)
        if operator == "LIKE":
            return self._pattern(prop)
        if not prop.type.is_list:
            return self._element(prop)
        if operator in {"=", "!="} and self._rng.random() < 0.5:
            return self._element(prop)
        least = 1 if operator.startswith("CONTAINS") else 0
        return tuple(self._element(prop) for _ in range(self._rng.randint(least, 3)))

    def _element(self, prop):
        # No store keeps dates as far away as some that are compared with.
        far = _FAR if prop.type.element is DataType.DATE else ()
        while True:
            value = self._rng.choice((*ELEMENTS[prop.type.element], *far))
            if prop.type.element is not DataType.TEXT or oracle.terms(value, prop.tokenization):
                return value

    def _pattern(self, prop):
        while True:
            if self._rng.random() < 0.5:
                text = list(self._rng.choice(_TEXTS)[:12])
                for _ in range(self._rng.randint(0, 2)):
                    text[(at := self._rng.randint(0, len(text))) : at + self._rng.randint(0, 2)] = [
                        self._rng.choice("*?")
                    ]
            else:
                text = [self._rng.choice((*_PIECES, "*", "*", "?")) for _ in range(self._rng.randint(1, 4))]
            pattern = "".join(text)
            plain = prop.tokenization != "trigram" or pattern.isascii()
            if plain and oracle.terms(pattern, prop.tokenization, also="*?"):
                return pattern


def _scalar(prop):
    return not prop.type.is_list and prop.type is not DataType.OBJECT
