"""Whatever users do and whenever checks run, who is put away is decided by time and use alone."""

import asyncio
import contextlib

import pytest
from engine.asking import kinds
from engine.managers.keeping import MINUTE, NEVER_ASKED, Clock, CountingClients, sent
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.objects import Response
from elysia_desktop.engine.managers import UserManager
from elysia_desktop.engine.tool import Tool

USERS = st.sampled_from(["u", "v"])
CONVERSATIONS = st.sampled_from(["a", "b"])


class Gate(Tool):
    """Answers once it is open."""

    name, description, end, always_ends = "gate", "Answers.", True, True

    def __init__(self):
        super().__init__()
        self.open = asyncio.Event()
        self.open.set()

    async def __call__(self, tree_data, inputs, base_lm, complex_lm, client_manager, **kwargs):
        await self.open.wait()
        yield Response("Done.")


class NothingSaved:
    """A store without collections."""

    async def collections(self):
        return []

    async def schema(self, name):
        raise QueryRejected(f"There is no collection {name}.")


class Idling:
    """What is expected of a user or a conversation."""

    def __init__(self, now):
        self.last = now
        self.running = None
        self.gate = None
        self.conversations = {}


class Managing(RuleBasedStateMachine):
    @initialize(tree_minutes=st.sampled_from([0, 5, 10]), user_minutes=st.sampled_from([0, 3, 20]))
    def begin(self, tree_minutes, user_minutes):
        self.runner = asyncio.Runner()
        self.runner.get_loop()
        self.clock = Clock()
        self.limits = {"tree": tree_minutes * MINUTE, "user": user_minutes * MINUTE}
        self.manager = UserManager(
            tree_minutes,
            user_minutes,
            clock=self.clock,
            open_clients=lambda settings, client_timeout: CountingClients(NothingSaved()),
        )
        self.expected = {}
        self.gone = set()

    def do(self, work):
        return self.runner.run(work)

    def is_over(self, what, idling):
        if what == "user":
            if any(one.running for one in idling.conversations.values()):
                return False
            last = max([idling.last, *(one.last for one in idling.conversations.values())])
        else:
            last = idling.last
        return bool(not idling.running and self.limits[what] and self.clock() - last > self.limits[what])

    def put_away_user(self, user):
        gone_too = self.expected.pop(user).conversations
        self.gone |= {(user,), *((user, conversation) for conversation in gone_too)}

    def put_away_tree(self, user, conversation):
        del self.expected[user].conversations[conversation]
        self.gone.add((user, conversation))

    @rule(user=USERS)
    def let_in(self, user):
        self.do(self.manager.add_user_local(user, branch_initialisation="empty", settings=NEVER_ASKED))
        if user in self.expected and not self.is_over("user", self.expected[user]):
            self.expected[user].last = self.clock()
            return
        if user in self.expected:
            self.put_away_user(user)
        self.gone.discard((user,))
        self.expected[user] = Idling(self.clock())

    @rule(user=USERS, conversation=CONVERSATIONS)
    def begin_conversation(self, user, conversation):
        if user not in self.expected:
            with pytest.raises(ValueError, match="user"):
                self.do(self.manager.initialise_tree(user, conversation))
            return
        self.expected[user].last = self.clock()
        there = self.expected[user].conversations
        goes_on = conversation in there and not self.is_over("tree", there[conversation])
        tree = self.do(self.manager.initialise_tree(user, conversation))
        assert bool(tree.tools) == goes_on
        if goes_on:
            there[conversation].last = self.clock()
            return
        self.gone.discard((user, conversation))
        there[conversation] = Idling(self.clock())
        there[conversation].gate = Gate()
        tree.add_tool(there[conversation].gate)

    @rule(user=USERS, conversation=CONVERSATIONS, waits=st.booleans())
    def ask(self, user, conversation, waits):
        run = self.manager.process_tree("?", user, conversation, "q")
        outcome = self.outcome(user, conversation)
        if outcome == "unknown":
            with pytest.raises(ValueError, match="There is no"):
                self.do(sent(run))
            self.touch_user(user)
            return
        if outcome != "completed":
            assert kinds(self.do(sent(run))) == [outcome]
            self.touch_user(user)
            return
        one = self.expected[user].conversations[conversation]
        if one.running or waits:
            if one.running is None:
                one.gate.open.clear()
                one.running = []
            one.running.append(self.do(self.started(run)))
            return
        assert kinds(self.do(sent(run)))[-1] == "completed"
        one.last = self.expected[user].last = self.clock()

    def outcome(self, user, conversation):
        if user not in self.expected:
            return "user_timeout_error" if (user,) in self.gone else "unknown"
        if self.is_over("user", self.expected[user]):
            self.put_away_user(user)
            return "user_timeout_error"
        there = self.expected[user].conversations
        if conversation in there and self.is_over("tree", there[conversation]):
            self.put_away_tree(user, conversation)
        if conversation in there:
            return "completed"
        return "tree_timeout_error" if (user, conversation) in self.gone else "unknown"

    def touch_user(self, user):
        if user in self.expected:
            self.expected[user].last = self.clock()

    async def started(self, run):
        task = asyncio.create_task(sent(run))
        for _ in range(30):
            await asyncio.sleep(0)
        assert not task.done()
        return task

    @rule(user=USERS, conversation=CONVERSATIONS, cancelled=st.booleans())
    @precondition(lambda self: self.running())
    def end_runs(self, user, conversation, cancelled):
        user, conversation = self.running()[0]
        one = self.expected[user].conversations[conversation]
        self.do(self.ended(one, cancelled=cancelled))
        one.running = None
        one.last = self.expected[user].last = self.clock()

    async def ended(self, one, cancelled):
        if cancelled:
            for task in one.running:
                task.cancel()
        one.gate.open.set()
        for task in one.running:
            with contextlib.suppress(asyncio.CancelledError):
                assert kinds(await task)[-1] == "completed"

    def running(self):
        return [
            (user, conversation)
            for user, idling in self.expected.items()
            for conversation, one in idling.conversations.items()
            if one.running
        ]

    @rule(minutes=st.sampled_from([1, 2.5, 3, 5, 10, 20, 100]))
    def time_passes(self, minutes):
        self.clock.pass_minutes(minutes)

    @rule()
    def check_trees(self):
        self.do(self.manager.check_all_trees_timeout())
        for user, idling in self.expected.items():
            for conversation, one in list(idling.conversations.items()):
                if self.is_over("tree", one):
                    self.put_away_tree(user, conversation)

    @rule()
    def check_users(self):
        self.do(self.manager.check_all_users_timeout())
        for user, idling in list(self.expected.items()):
            if self.is_over("user", idling):
                self.put_away_user(user)

    @invariant()
    def who_is_here_is_as_expected(self):
        if not hasattr(self, "manager"):
            return
        assert set(self.manager.users) == set(self.expected)
        for user, idling in self.expected.items():
            trees = self.manager.users[user].tree_manager
            assert set(trees.trees) == set(idling.conversations)
            assert self.manager.check_user_timeout(user) == self.is_over("user", idling)
            for conversation, one in idling.conversations.items():
                assert trees.check_tree_timeout(conversation) == self.is_over("tree", one)

    def teardown(self):
        if not hasattr(self, "manager"):
            return
        for user, conversation in self.running():
            self.do(self.ended(self.expected[user].conversations[conversation], cancelled=False))
        self.do(self.manager.close_all_clients())
        self.runner.close()


Managing.TestCase.settings = settings(max_examples=120, stateful_step_count=40, deadline=None)
test_users_and_conversations_are_put_away_by_time_and_use_alone = Managing.TestCase
