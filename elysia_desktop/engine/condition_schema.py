"""Conditions as a model writes them: each property with the operators, values and type it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, Any, Literal, cast, get_origin

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, create_model

from elysia_desktop.core.requests import And, Filter, Operator, Or, PropertyFilter
from elysia_desktop.core.schema import CollectionSchema, DataType, Property, Tokenization, operators_of
from elysia_desktop.engine.signatures import any_of, one_of
from elysia_desktop.engine.whole_days import on_days, whole_day
from elysia_desktop.stores.fitting import moment
from elysia_desktop.stores.terms import terms

MAX_FILTERS = 6
_KNOWN_VALUES = 30
_LENGTH = "LENGTH "
_LONGEST_LIST = 1_000_000
_LARGEST = 9 * 10**18
"""The bound of whole numbers: it fits into 64 bits, and servers that reckon with doubles have it exactly."""
_DAY = (
    "[1-8][0-9]{3}-((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)"
    "|([1-8][0-9](0[48]|[2468][048]|[13579][26])|([2468][048]|[1357][26])00)-02-29"
)
_TIME = "T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])?"
_MOMENT = f"^(({_DAY})({_TIME})?|9999-12-31)$"
"""The dates that models are held to, in what all servers' grammars know of patterns.

That there is a word in a text cannot be said so: their patterns know no classes of letters.
"""


class _Reply(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _OnDates(_Reply):
    """The base of conditions on dates."""

    property: str
    operator: Operator
    value: str


def reply_model(name: str, fields: dict[str, Any], base: type[BaseModel] = _Reply) -> type[BaseModel]:
    """A part of a reply with these fields."""
    return create_model(name, __base__=base, **fields)


def whole_text(text: str) -> str:
    """A reply may spell half of a character, or none, as an escape; no store can look for one."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def condition_fields(
    schema: CollectionSchema, metadata: Mapping[str, Any], *, detailed: bool = False
) -> dict[str, Any]:
    """The fields of a request that say which objects it is about; none where nothing can be compared.

    `detailed` adds what few questions need and small models are led astray by: the lengths of lists.
    """
    kinds = _filter_kinds(schema, metadata)
    if detailed and schema.indexed.is_length:
        kinds += _length_kinds(schema, len(kinds))
    if not kinds:
        return {}
    return {
        "filters": (
            list[any_of(kinds)],
            Field(
                ..., max_length=MAX_FILTERS, description="only conditions that the question states; else []"
            ),
        ),
        "match": (Literal["all", "any"], Field(..., description="whether all conditions must hold or any")),
    }


def filter_of(said: Mapping[str, Any]) -> Filter | None:
    """The filter that the filled-in fields stand for.

    Where all conditions must hold, several values that one property is to equal mean any of them: it cannot
    equal two. A date without a time is the whole day, in UTC.
    """
    conditions = said.get("filters") or ()
    if said.get("match") == "any":
        return _joined(Or, [_filter(one) for one in conditions])
    alternatives: dict[Any, list[Filter]] = {}
    for number, one in enumerate(conditions):
        alternatives.setdefault(one.property if _is_one_of_many(one) else number, []).append(_filter(one))
    return _joined(And, [_joined(Or, group) for group in alternatives.values()])


def _joined(kind: type[And | Or], filters: Sequence[Filter | None]) -> Filter | None:
    """The filters as one of a level, each once."""
    flat = (part for one in filters for part in (one.filters if isinstance(one, kind) else (one,)))
    parts = tuple(dict.fromkeys(one for one in flat if one is not None))
    if len(parts) < 2:
        return parts[0] if parts else None
    return kind(filters=parts)


def _is_one_of_many(condition: Any) -> bool:
    """Whether it compares with a value as a whole; a text can hold the words of several values."""
    kind = cast("type[BaseModel]", type(condition))
    is_known = get_origin(kind.model_fields["value"].annotation) is Literal
    return condition.operator == "=" and (is_known or not isinstance(condition.value, str))


def _filter(condition: Any) -> Filter:
    day = whole_day(condition.value) if isinstance(condition, _OnDates) else None
    if day is not None:
        return on_days(condition.property, condition.operator, day, day)
    length = condition.operator.startswith(_LENGTH)
    operator: Any = condition.operator.removeprefix(_LENGTH)
    value = (condition.value,) if operator in {"CONTAINS_ANY", "CONTAINS_ALL"} else condition.value
    return PropertyFilter(property=condition.property, operator=operator, value=value, length=length)


def _length_kinds(schema: CollectionSchema, number: int) -> list[type[BaseModel]]:
    """The shape of a condition on the length of a list, where there are lists."""
    lists = [p for p in schema.properties if p.filterable and p.type.is_list]
    if not lists:
        return []
    operators = [f"{_LENGTH}{operator}" for operator in operators_of(lists[0].type, length=True)]
    count = Annotated[int, Field(ge=0, le=_LONGEST_LIST)]
    return [_condition(schema, number, [p.name for p in lists], operators, count)]


def _filter_kinds(schema: CollectionSchema, metadata: Mapping[str, Any]) -> list[type[BaseModel]]:
    """One shape of condition per type; properties with known values get those as the only ones."""
    known = {f["name"]: f for f in cast("list[dict[str, Any]]", metadata.get("fields") or [])}
    plain: dict[tuple[DataType, Tokenization], list[str]] = {}
    kinds: list[type[BaseModel]] = []
    for prop in schema.properties:
        if not prop.filterable or prop.type is DataType.OBJECT:
            continue
        values = _known_values(prop, known.get(prop.name, {}))
        if values:
            operators = ("CONTAINS_ANY",) if prop.type.is_list else ("=", "!=")
            kinds.append(_condition(schema, len(kinds), [prop.name], operators, one_of(values)))
        # Known values are offered first, but the question may name another: then nothing is to be found.
        plain.setdefault((prop.type, prop.tokenization), []).append(prop.name)
    for (data_type, tokenization), names in plain.items():
        # Patterns of trigrams may hold the letters A to Z only, and what `=` finds by trigrams is alike.
        left_out = {"IS_NULL", "CONTAINS_ALL", *(["LIKE"] if tokenization == "trigram" else [])}
        operators = tuple(o for o in operators_of(data_type) if o not in left_out)
        if data_type.is_list:
            operators = ("CONTAINS_ANY",)
        value = _value_type(data_type, tokenization)
        base = _OnDates if data_type is DataType.DATE else _Reply
        kinds.append(_condition(schema, len(kinds), names, operators, value, base))
    nullable = [p.name for p in schema.properties if p.filterable and p.type is not DataType.OBJECT]
    if nullable and schema.indexed.is_null:
        kinds.append(_condition(schema, len(kinds), nullable, ("IS_NULL",), bool))
    return kinds


def _known_values(prop: Property, known: Mapping[str, Any]) -> list[str]:
    groups = cast("list[dict[str, Any]]", known.get("groups") or [])
    if prop.type.element is not DataType.TEXT or not 0 < len(groups) <= _KNOWN_VALUES:
        return []
    values = [str(group["value"]) for group in groups]
    return [value for value in values if terms(value, prop.tokenization)]


def _condition(
    schema: CollectionSchema,
    number: int,
    names: Sequence[str],
    operators: Sequence[str],
    value: Any,
    base: type[BaseModel] = _Reply,
) -> type[BaseModel]:
    fields = {"property": (one_of(names), ...), "operator": (one_of(operators), ...), "value": (value, ...)}
    return reply_model(f"{schema.name}Condition{number}", fields, base)


def _value_type(data_type: DataType, tokenization: Tokenization) -> Any:
    match data_type.element:
        case DataType.INT:
            bounds: dict[str, JsonValue] = {"exclusiveMinimum": -_LARGEST, "exclusiveMaximum": _LARGEST}
            return Annotated[int, AfterValidator(_within_64_bits), Field(json_schema_extra=bounds)]
        case DataType.FLOAT:
            return Annotated[float, Field(allow_inf_nan=False)]
        case DataType.BOOLEAN:
            return bool
        case DataType.DATE:
            about = "ISO 8601; 2024-05-31 is the whole day"
            iso = Field(max_length=32, description=about, json_schema_extra={"pattern": _MOMENT})
            return Annotated[str, iso, AfterValidator(_a_moment)]
        case _:
            return _text(tokenization)


def _a_moment(text: str) -> str:
    try:
        moment(text)
    except ValueError:
        raise ValueError(f"“{text}” is no date; write one as 2024-05-31") from None
    return text


def _within_64_bits(number: int) -> int:
    if not -(2**63) <= number < 2**63:
        raise ValueError("the number is too large")
    return number


def _with_a_word(tokenization: Tokenization, text: str) -> str:
    if not terms(text, tokenization):
        raise ValueError(
            f"there is no word in “{text}” to compare with; for a missing value, use IS_NULL or leave this out"
        )
    return text


def _text(tokenization: Tokenization) -> Any:
    """A text that can be compared with those of a property."""
    bounds = Field(min_length=1, max_length=120)
    return Annotated[
        str, bounds, AfterValidator(whole_text), AfterValidator(partial(_with_a_word, tokenization))
    ]
