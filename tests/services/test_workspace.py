"""A profile is opened and closed without leaving anything behind."""

import asyncio
import gc
import logging
import stat
import threading
from logging.handlers import RotatingFileHandler
from pathlib import Path

import pytest
from services.scripts import KEY, answers, collect, find_then_cite, opened, stage, use_model, write_settings
from support.scripted_model import Fail, ScriptedModel

from elysia_desktop.core.errors import ElysiaError, StoreError, StoreUnreachable
from elysia_desktop.core.settings import Settings
from elysia_desktop.services.workspace import Workspace


@pytest.fixture
def profile(tmp_path):
    return tmp_path / "profile"


def open_files():
    """What this process holds open: files by path, sockets and pipes by their names."""
    links = []
    for entry in Path("/proc/self/fd").iterdir():
        try:
            links.append(str(entry.readlink()))
        except FileNotFoundError:  # the listing's own
            continue
    return sorted(links)


def test_making_one_touches_nothing(profile):
    Workspace(profile)
    assert not profile.exists()


async def test_opening_asking_and_closing_leaves_no_thread_task_file_or_socket(profile):
    async def once():
        workspace = await opened(profile)
        conversation = await workspace.begin("Boats?")
        assert answers(await collect(workspace, conversation, "Boats?")) == ["BOATS?"]
        await workspace.close()

    with ScriptedModel(find_then_cite) as model:
        use_model(profile, model.address, logging_level="DEBUG")
        await once()  # libraries open what they keep for good
        gc.collect()
        pool = {t for t in threading.enumerate() if t.name.startswith("asyncio_")}
        before = (open_files(), set(threading.enumerate()) - pool)
        for _ in range(2):
            await once()
        gc.collect()
        await asyncio.sleep(0.05)
        threads = {t for t in threading.enumerate() if not t.name.startswith(("asyncio_", "Thread-"))}
        assert [t.name for t in threads - before[1]] == []
        assert asyncio.all_tasks() == {asyncio.current_task()}
        left = [link for link in open_files() if link not in before[0]]
        assert [link for link in left if str(profile) in link] == []
        assert [link for link in left if link.startswith("socket:")] == []
    assert log_files() == []


def log_files():
    handlers = logging.getLogger("elysia_desktop").handlers
    return [handler for handler in handlers if isinstance(handler, RotatingFileHandler)]


async def test_closing_what_was_never_opened_and_closing_twice_is_fine(profile):
    workspace = Workspace(profile)
    await workspace.close()
    await workspace.close()
    workspace = await opened(profile)
    await workspace.close()
    await workspace.close()


async def test_what_fails_to_close_does_not_keep_the_rest_open(profile, monkeypatch):
    workspace = await opened(profile)

    async def fail():
        raise StoreError("It jams.")

    workspace.asking.close = fail
    with pytest.raises(StoreError, match="jams"):
        await workspace.close()
    with pytest.raises(StoreError, match="closed"):
        await workspace.conversations.list()
    assert not [link for link in open_files() if str(profile) in link]


async def test_two_profiles_at_once_keep_apart(tmp_path):
    one, two = await opened(tmp_path / "one"), await opened(tmp_path / "two")
    await one.begin("Only here?")
    await one.close()
    assert await two.conversations.list() == []
    assert log_files(), "the second's log goes on"
    await two.close()


async def test_only_this_user_can_enter_the_folders(profile):
    workspace = Workspace(profile)
    await workspace.open_settings()
    await workspace.begin("Boats?")
    await workspace.configuration.save({"style": "Dry."})
    for folder in (workspace.folders.data, workspace.folders.logs, workspace.folders.library):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700, folder
    for file in (workspace.folders.conversations, workspace.folders.settings):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    await workspace.close()


async def test_a_profile_in_an_open_folder_keeps_its_data_to_itself(profile):
    profile.mkdir(mode=0o755)
    profile.chmod(0o755)
    workspace = await opened(profile)
    await workspace.begin("Boats?")
    readable = [
        path
        for path in profile.rglob("*")
        if path.is_file()
        and path.stat().st_mode & 0o044
        and path.parent.stat().st_mode & 0o011
        and path.stat().st_size
    ]
    assert readable == []
    assert stat.S_IMODE(profile.stat().st_mode) == 0o755, "the person's own folder stays as it is"
    await workspace.close()


async def test_a_profile_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    workspace = Workspace(tmp_path / "file" / "profile")
    with pytest.raises(StoreError) as raised:
        await workspace.open()
    assert raised.value.hint
    await workspace.close()


async def test_the_log_holds_no_prompt_and_no_key(profile, monkeypatch):
    monkeypatch.setenv("OPENAI_COMPATIBLE_API_KEY", KEY)
    question = "Where does the admiral hide?"

    def leaking(body):
        if stage(body) == "answer":
            return Fail(500, f"You said “{body['messages'][-1]['content'][:2000]}” with {KEY}.")
        return find_then_cite(body)

    with ScriptedModel(leaking, api_key=KEY) as model:
        use_model(profile, model.address, logging_level="DEBUG")
        workspace = await opened(profile)
        conversation = await workspace.begin(question)
        sent = await collect(workspace, conversation, question)
        with pytest.raises(ElysiaError):
            await collect(workspace, conversation, question, query_id=sent[0]["query_id"])
        await workspace.close()
    assert model.requests
    logged = "".join(path.read_text("utf-8") for path in (profile / "logs").iterdir())
    assert "admiral" not in logged
    assert KEY not in logged
    for path in profile.rglob("*"):
        if path.is_file():
            assert KEY.encode() not in path.read_bytes(), path


async def test_the_level_of_the_log_is_that_of_the_settings_or_the_command_line(profile):
    write_settings(profile, logging_level="ERROR")
    workspace = Workspace(profile)
    await workspace.open_settings()
    assert logging.getLogger("elysia_desktop").level == logging.ERROR
    await workspace.open_settings("DEBUG")
    assert logging.getLogger("elysia_desktop").level == logging.DEBUG
    await workspace.close()


async def test_a_variable_that_does_not_fit_is_told_and_the_workspace_opens(profile, monkeypatch):
    monkeypatch.setenv("RECURSION_LIMIT", "many")
    workspace = await opened(profile)
    assert "RECURSION_LIMIT" in workspace.notice
    assert workspace.configuration.settings.recursion_limit == Settings().recursion_limit
    await workspace.close()


async def test_suggestions_are_taken_from_the_collections_in_turn(profile):
    workspace = await opened(profile)
    store = workspace.clients.store()
    assert await workspace.suggestions() == []
    await store.put_metadata("Boats", {"prompts": ["How many boats?", "Which boats?", "Why boats?"]})
    assert await workspace.suggestions() == ["How many boats?", "Which boats?", "Why boats?"]
    assert await workspace.suggestions(2) == ["How many boats?", "Which boats?"]
    await workspace.close()

    sample = Workspace(profile.parent / "sample")
    await sample.open()
    four = await sample.suggestions()
    assert len(set(four)) == 4
    known = [set((await sample.clients.store().get_metadata(n))["prompts"]) for n in ("Handbook", "Messages")]
    assert four[0] in known[0]
    assert four[1] in known[1]
    await sample.close()


async def test_a_data_store_is_tested_by_opening_it(profile):
    workspace = await opened(profile)
    assert await workspace.test_data(Settings()) == "Ready · 1 collections, 3 objects"
    with pytest.raises(StoreUnreachable) as raised:
        await workspace.test_data(Settings(data_source="local", local_weaviate_port=1))
    assert raised.value.hint
    await workspace.close()


async def test_a_weaviate_that_does_not_answer_is_told_in_the_answer(profile):
    write_settings(profile, data_source="local", local_weaviate_port=1)
    workspace = Workspace(profile)
    await workspace.open()
    conversation = await workspace.begin("Boats?")
    (said,) = answers(await collect(workspace, conversation, "Boats?"))
    assert "No Weaviate answers" in said
    await workspace.close()


async def test_a_damaged_conversations_file_is_set_aside_and_told(profile):
    profile.mkdir()
    (profile / "conversations.db").write_bytes(b"not a database at all" * 100)
    workspace = await opened(profile)
    assert await workspace.conversations.list() == []
    assert "conversations.db" in workspace.notice
    assert [path for path in profile.iterdir() if "damaged" in path.name]
    await workspace.close()


async def test_warming_up_can_be_done_at_any_time(tmp_path):
    workspace = Workspace(tmp_path / "profile")
    await workspace.warm_up()
    await workspace.close()
    assert list(tmp_path.iterdir()) == []
