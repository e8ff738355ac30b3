"""The requests to models of one run, in the order they were sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from elysia_desktop.ui.inspector.run_record import ModelCall

if TYPE_CHECKING:
    from elysia_desktop.engine.recorder import Exchange

_EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class PromptRow:
    """One request to a model, or a whole call whose requests are not kept any more: then `exchange` is None.

    `attempt` counts from 1; `call` is the index of the call in the run's record, None for a request that no call
    is told of (yet). `cost` in USD, None when unknown.
    """

    purpose: str
    model: str
    seconds: float
    input_tokens: int
    output_tokens: int
    cost: float | None
    attempt: int
    attempts: int
    call: int | None
    exchange: Exchange | None

    @property
    def key(self) -> str:
        """What the row is known by as the run goes on."""
        return f"call-{self.call}" if self.exchange is None else self.exchange.id

    @property
    def failed(self) -> bool:
        """Whether the request was not answered."""
        return self.exchange is not None and bool(self.exchange.error)

    @property
    def was_asked_again(self) -> bool:
        """Whether it was answered, but not so that the reply could be used."""
        return self.exchange is not None and not self.failed and self.attempt < self.attempts


def rows_of(
    calls: Sequence[ModelCall],
    exchanges: Sequence[Exchange],
    began: datetime | None = None,
    ended: datetime | None = None,
) -> list[PromptRow]:
    """The rows of a run: its calls, and what else was sent between `began` and `ended`.

    A call that failed, was stopped or goes on is told of by no payload, so that only its time says whose it is.
    """
    kept = {exchange.id: exchange for exchange in exchanges}
    linked = {exchange for call in calls for exchange in call.exchanges}
    placed: list[tuple[datetime, PromptRow]] = []
    reached = _EARLIEST
    for index, call in enumerate(calls):
        rows = list(_rows_of_call(index, call, kept))
        for row in rows:
            reached = max(reached, row.exchange.at) if row.exchange else reached
            placed.append((reached, row))
    others = [
        exchange
        for exchange in exchanges
        if exchange.id not in linked
        and began is not None
        and began <= exchange.at
        and (ended is None or exchange.at < ended)
    ]
    placed += [(row.exchange.at, row) for row in _rows_of_others(others) if row.exchange]
    return [row for _, row in sorted(placed, key=lambda entry: entry[0])]


def _rows_of_call(index: int, call: ModelCall, kept: dict[str, Exchange]) -> Iterator[PromptRow]:
    found = [
        (number, kept[exchange])
        for number, exchange in enumerate(call.exchanges, start=1)
        if exchange in kept
    ]
    for number, exchange in found:
        yield _row(exchange, number, len(call.exchanges), index)
    if not found:
        yield PromptRow(
            purpose=call.purpose,
            model=call.model,
            seconds=call.seconds,
            input_tokens=call.input_tokens,
            output_tokens=call.output_tokens,
            cost=call.cost,
            attempt=call.attempts,
            attempts=call.attempts,
            call=index,
            exchange=None,
        )


def _rows_of_others(exchanges: Sequence[Exchange]) -> Iterator[PromptRow]:
    """Requests in a row with the same instructions are attempts at the same reply."""
    groups: list[list[Exchange]] = []
    for exchange in sorted(exchanges, key=lambda exchange: exchange.at):
        if groups and _asks_the_same(groups[-1][-1], exchange):
            groups[-1].append(exchange)
        else:
            groups.append([exchange])
    for group in groups:
        for number, exchange in enumerate(group, start=1):
            yield _row(exchange, number, len(group), None)


def _asks_the_same(one: Exchange, other: Exchange) -> bool:
    return (one.purpose, one.model, one.system) == (other.purpose, other.model, other.system)


def _row(exchange: Exchange, attempt: int, attempts: int, call: int | None) -> PromptRow:
    return PromptRow(
        purpose=exchange.purpose,
        model=exchange.model,
        seconds=exchange.seconds,
        input_tokens=exchange.input_tokens,
        output_tokens=exchange.output_tokens,
        cost=exchange.cost,
        attempt=attempt,
        attempts=attempts,
        call=call,
        exchange=exchange,
    )
