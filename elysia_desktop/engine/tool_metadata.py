"""What a tool's class says about itself in the source of its `__init__`, read without running it."""

from __future__ import annotations

import ast
import builtins
import inspect
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from types import ModuleType, UnionType
from typing import Any

from elysia_desktop.engine.tool_inputs import ToolInput

_UNKNOWN: Any = object()
_SELF: Any = object()


class _NotLiteral(Exception):
    """An expression whose value only running the program would tell."""


def literals_for(base: type, cls: type) -> dict[str, Any]:
    """The arguments that reach `base.__init__` when `cls()` is made, by name; computed ones are left out.

    Literals count, and names of constants, types and defaults of parameters, through any chain of `super().__init__`.
    """
    ancestors = cls.__mro__
    position = 0
    given: Sequence[Any] = ()
    named: Mapping[str, Any] = {}
    while True:
        owner = next(kind for kind in ancestors[position:] if "__init__" in vars(kind))
        if owner is base:
            break
        initialiser = inspect.unwrap(vars(owner)["__init__"])
        source = _source(initialiser)
        call = _call_upwards(source) if source else None
        values = _bind(initialiser, given, named)
        if source is None or call is None or values is None:
            return {}
        scope = _scope(initialiser, source, cls, values)
        given, named = scope.arguments(call)
        position = ancestors.index(owner) + 1
    bound = _bind(base.__init__, given, named)
    return {} if bound is None else {k: v for k, v in bound.items() if v is not _UNKNOWN and v is not None}


def _source(function: Any) -> ast.Module | None:
    try:
        return ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):  # not kept, as in a frozen application
        return None


def _call_upwards(source: ast.Module) -> ast.Call | None:
    """The call of `super().__init__(…)`, or of `Parent.__init__(self, …)` without its `self`."""
    for call in ast.walk(source):
        match call:
            case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name("super")), attr="__init__")):
                return call
            case ast.Call(func=ast.Attribute(attr="__init__"), args=[ast.Name("self"), *rest]):
                return ast.Call(func=call.func, args=rest, keywords=call.keywords)
            case _:
                continue
    return None


def _bind(function: Any, given: Sequence[Any], named: Mapping[str, Any]) -> dict[str, Any] | None:
    """The parameters' values for these arguments, `self` left out."""
    try:
        bound = inspect.signature(function).bind_partial(_SELF, *given, **named)
    except TypeError:
        return None
    return dict(list(bound.arguments.items())[1:])


def _scope(function: Any, source: ast.Module, cls: type, values: dict[str, Any]) -> _Scope:
    """What the names in a function stand for when it is called with these values."""
    own, *parameters = inspect.signature(function).parameters.values()
    for parameter in parameters:
        match parameter.kind:
            case parameter.VAR_POSITIONAL:
                values.setdefault(parameter.name, ())
            case parameter.VAR_KEYWORD:
                values.setdefault(parameter.name, {})
            case _:
                default = _UNKNOWN if parameter.default is parameter.empty else parameter.default
                values.setdefault(parameter.name, default)
    around = inspect.getclosurevars(function).nonlocals
    # what the body assigns is known only by running it
    assigned = {n.id for n in ast.walk(source) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    names = {**vars(builtins), **function.__globals__, **around, **values}
    return _Scope({**names, **dict.fromkeys(assigned, _UNKNOWN), own.name: _SELF}, cls)


class _Scope:
    """The names that an `__init__` sees, and the values of expressions written in it."""

    def __init__(self, names: Mapping[str, Any], cls: type) -> None:
        self._names = names
        self._cls = cls

    def arguments(self, call: ast.Call) -> tuple[list[Any], dict[str, Any]]:
        """The values handed on by a call, by position and by name."""
        given: list[Any] = []
        for node in call.args:
            if isinstance(node, ast.Starred):
                more = self.value_or_unknown(node.value)
                if more is _UNKNOWN:
                    break
                given += more
            else:
                given.append(self.value_or_unknown(node))
        named: dict[str, Any] = {}
        for word in call.keywords:
            value = self.value_or_unknown(word.value)
            if word.arg is not None:
                named[word.arg] = value
            elif isinstance(value, dict):
                named |= value
        return given, named

    def value_or_unknown(self, node: ast.expr) -> Any:
        try:
            return self.value(node)
        except _NotLiteral:
            return _UNKNOWN

    def value(self, node: ast.expr) -> Any:  # noqa: PLR0911 - one case per kind of expression
        """The value of an expression; raises `_NotLiteral` when it has to be computed."""
        match node:
            case ast.Constant():
                return node.value
            case ast.List() | ast.Tuple() | ast.Set():
                items = [self.value(item) for item in node.elts]
                return (
                    items
                    if isinstance(node, ast.List)
                    else tuple(items)
                    if isinstance(node, ast.Tuple)
                    else set(items)
                )
            case ast.Dict():
                return dict(self._pairs(node))
            case ast.UnaryOp(op=ast.USub()):
                number = self.value(node.operand)
                return -number if isinstance(number, int | float) else self._give_up()
            case ast.Name():
                known = self._names.get(node.id, _UNKNOWN)
                return self._give_up() if known is _UNKNOWN or known is _SELF else known
            case ast.Attribute():
                return self._attribute(node)
            case ast.Subscript():
                whole, part = self.value(node.value), self.value(node.slice)
                return whole[part] if _is_annotation(whole) else self._give_up()
            case ast.BinOp(op=ast.BitOr()):
                left, right = self.value(node.left), self.value(node.right)
                return left | right if _is_annotation(left) and _is_annotation(right) else self._give_up()
            case ast.Call(func=ast.Name(), args=[]) if self.value(node.func) in {dict, ToolInput}:
                return {word.arg: self.value(word.value) for word in node.keywords if word.arg is not None}
            case _:
                return self._give_up()

    def _pairs(self, node: ast.Dict) -> Iterator[tuple[Any, Any]]:
        for key, item in zip(node.keys, node.values, strict=True):
            if key is not None:
                yield self.value(key), self.value(item)
                continue
            more = self.value(item)  # {**more}
            yield from more.items() if isinstance(more, dict) else self._give_up()

    def _attribute(self, node: ast.Attribute) -> Any:
        """An attribute of the class, of another class or of a module; of anything else it might be computed."""
        if isinstance(node.value, ast.Name) and self._names.get(node.value.id) is _SELF:
            found: Any = inspect.getattr_static(self._cls, node.attr, _UNKNOWN)
            return self._give_up() if found is _UNKNOWN or hasattr(found, "__get__") else found
        owner = self.value(node.value)
        found = getattr(owner, node.attr, _UNKNOWN) if isinstance(owner, type | ModuleType) else _UNKNOWN
        return self._give_up() if found is _UNKNOWN else found

    def _give_up(self) -> Any:
        raise _NotLiteral


def _is_annotation(value: Any) -> bool:
    return (
        value is None
        or isinstance(value, type | UnionType)
        or type(value).__module__ in {"typing", "typing_extensions", "types"}
    )
