"""Runs a question through a tree: decide, act, report, until there is an answer."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elysia_desktop.core.errors import ElysiaError, InvalidAnswer, ToolError
from elysia_desktop.core.objects import Response, Text
from elysia_desktop.core.payloads import Return, Status, StepFinished, TreeUpdate
from elysia_desktop.core.tree_data import DECISION
from elysia_desktop.engine.decide import Decider, Decision, Offer, forced
from elysia_desktop.engine.offering import (
    NOTHING_THERE,
    asked_of,
    branch_offer,
    branch_told,
    in_order,
    leads_on,
)
from elysia_desktop.engine.predict import PredictionFailed
from elysia_desktop.engine.spending import used
from elysia_desktop.engine.tools.final_text_response import FinalTextResponse

if TYPE_CHECKING:
    from elysia_desktop.engine.acting import Acting
    from elysia_desktop.engine.nodes import Node

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Went:
    """Where a visit to a node leads: further down, back to the root, or to the end of the run."""

    to: Node | None = None
    ends: bool = False


class Run:
    """One question on its way through a tree; `steps` yields everything that happens."""

    def __init__(self, root: Node, acting: Acting, decider: Decider, route: Sequence[str] = ()) -> None:
        self._root = root
        self._acting = acting
        self._data = acting.tree_data
        self._decider = decider
        self._route = list(route)
        self._is_routed = bool(route)

    async def steps(self) -> AsyncGenerator[Return, None]:
        """Decide and act until there is an answer; ends in words whatever goes wrong on the way."""
        failure: ElysiaError | None = None
        try:
            async with aclosing(self._iterations()) as items:
                async for item in items:
                    yield item
        except ElysiaError as error:
            failure = error
            logger.info("The run was cut short: %s", type(error).__name__)
            yield self._acting.failed(DECISION, error)
        except Exception as error:
            failure = ToolError(f"The decision failed: {type(error).__name__}: {error}")
            logger.exception("The run broke off")
            yield self._acting.broke(DECISION, error)
        if not self._acting.answered:
            async with aclosing(self._final_words(failure)) as items:
                async for item in items:
                    yield item

    async def _iterations(self) -> AsyncGenerator[Return, None]:
        """Go from the root down, again and again: exactly as often as the limit allows, never once more."""
        while self._data.num_trees_completed < self._data.recursion_limit:
            at: Node | None = self._root
            ends = False
            while at is not None:
                went = Went()
                async with aclosing(self._visit(at)) as items:
                    async for item in items:
                        if isinstance(item, Went):
                            went = item
                        else:
                            yield item
                at, ends = went.to, went.ends
            self._data.num_trees_completed += 1
            if ends or self._is_at_its_end:
                return

    async def _visit(self, at: Node) -> AsyncGenerator[Return | Went, None]:
        """One visit: tools that run unasked, the decision, the tool it chose; last of all, where that leads."""
        ran: set[str] = set()
        options = dict(at.options)
        async with aclosing(self._act_unasked(options, ran)) as items:
            async for item in items:
                yield item
        if self._acting.is_ended or any((tool := options[name].tool) and tool.always_ends for name in ran):
            yield Went(ends=True)
            return
        offers: list[Offer] = []
        unavailable: dict[str, str] = {}
        options = dict(at.options)
        async for error in self._look(options, ran, offers, unavailable):
            yield error
        if not offers:
            yield Went(ends=at is self._root)
            return
        if self._goes_back(at):
            yield Went()
            return
        decision = self._routed(at) or forced(offers)
        names = tuple(offer.node.id for offer in offers)
        if decision is None:
            self._data.set_current_task(DECISION)
            try:
                told = branch_told(at, self._data)
                offered = in_order(offers, self._data)
                decision = await self._decider.decide(
                    self._acting.base_lm, told, offered, unavailable, self._data
                )
            except PredictionFailed as failed:
                yield used("decision", failed.spent, names)
                raise
        if decision.spent is not None:
            yield used("decision", decision.spent, names)
        # not looked up anew: the structure may have been edited while the model decided
        chosen = options[decision.option]
        yield TreeUpdate(at.id, chosen.id, decision.reasoning, reset_tree=at is self._root)
        if decision.impossible:
            yield Went(ends=True)
            return
        async with aclosing(self._follow(chosen, decision)) as steps:
            async for step in steps:
                yield step

    async def _follow(self, chosen: Node, decision: Decision) -> AsyncGenerator[Return | Went, None]:
        """Go into the branch, or use the tool, that was chosen."""
        tool = chosen.tool
        if decision.message_update and not (tool and tool.always_ends):
            yield Response(decision.message_update, metadata={"update": True})
        if tool is None:
            yield Status(chosen.status)
            yield Went(to=chosen)
            return
        answers = False
        async with aclosing(self._acting.use(tool, decision.inputs)) as items:
            async for item in items:
                answers = answers or is_answer(item)
                yield item
        # A tool that may end a run does so with its answer: small models seldom say that they are done.
        is_over = tool.always_ends or self._acting.is_ended or (tool.end and answers)
        if is_over or decision.end_actions or self._is_at_its_end:
            yield Went(ends=True)
        else:
            yield Went(to=chosen if chosen.options else None)

    async def _act_unasked(self, options: Mapping[str, Node], ran: set[str]) -> AsyncGenerator[Return, None]:
        """Run the tools that ask to be run without a decision; they are not offered at this visit."""
        acting = self._acting
        for name, option in options.items():
            tool = option.tool
            if tool is None:
                continue
            try:
                wanted, inputs = await asked_of(tool.run_if_true, acting)
                given = dict(inputs or tool.get_default_inputs())
            except Exception as error:
                logger.exception("Asking %s whether to run failed", name)
                yield acting.broke(name, error)
                continue
            if wanted:
                ran.add(name)
                async with aclosing(acting.use(tool, given)) as items:
                    async for item in items:
                        yield item

    async def _look(
        self,
        options: Mapping[str, Node],
        ran: set[str],
        offers: list[Offer],
        unavailable: dict[str, str],
    ) -> AsyncGenerator[Return, None]:
        """Note what can be chosen here now, and in a few words when the rest can be."""
        acting = self._acting
        empty: list[Offer] = []
        for name, option in options.items():
            tool = option.tool
            if tool is None:
                offer = branch_offer(option, self._data)
                if offer is not None:
                    (offers if await leads_on(option, acting) else empty).append(offer)
                continue
            if name in ran:
                continue
            try:
                if await asked_of(tool.is_tool_available, acting):
                    offers.append(Offer(option, tool.inputs_for(self._data)))
                    continue
            except Exception as error:
                logger.exception("Asking %s whether it is available failed", name)
                yield acting.broke(name, error)
            about = (tool.is_tool_available.__doc__ or "").strip().split("\n\n")[0]
            unavailable[name] = " ".join(about.split()) or "not now"
        if not offers:
            offers += empty
            return
        unavailable.update(dict.fromkeys((offer.node.id for offer in empty), NOTHING_THERE))

    @property
    def _is_at_its_end(self) -> bool:
        """Whether a route was given and has been gone to its end."""
        return self._is_routed and not self._route

    def _goes_back(self, at: Node) -> bool:
        """Whether the next step of a given route is one from the root."""
        if not self._route or at is self._root or self._route[0] in at.options:
            return False
        return self._route[0] in self._root.options

    def _routed(self, at: Node) -> Decision | None:
        """The next step of a given route."""
        if not self._route:
            return None
        name = self._route.pop(0)
        if name not in at.options:
            raise ToolError(
                f"The route leads to “{name}”, which “{at.id}” does not offer.",
                f"It offers: {', '.join(at.options)}.",
            )
        tool = at.options[name].tool
        return Decision(name, tool.get_default_inputs() if tool else {}, "The route was given.")

    async def _final_words(self, failure: ElysiaError | None) -> AsyncGenerator[Return, None]:
        """The answer of a run that has none yet; without a model that works, the failure itself in words."""
        final = FinalTextResponse()
        if failure is None or isinstance(failure, (InvalidAnswer, ToolError)):
            async with aclosing(self._acting.use(final, {})) as items:
                async for item in items:
                    if not isinstance(item, StepFinished):
                        yield item
        if not self._acting.answered:
            said = [failure.sentence] if failure else self._data.errors.get(final.name, [])[-1:]
            yield self._acting.take_in(
                final, Response(" ".join(said) or "No answer could be written. Ask again.")
            )


def is_answer(item: Return) -> bool:
    """Whether this is words for the person that answer, rather than tell what is being done."""
    return (
        isinstance(item, Text)
        and item.display
        and bool(item.text.strip())
        and not item.metadata.get("update")
    )
