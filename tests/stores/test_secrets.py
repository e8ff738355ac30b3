"""Keys are kept in the system's keyring, or in memory, and the person is told which."""

import asyncio
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import keyring.errors
import pytest
from keyring.backends import chainer, fail, null

from elysia_desktop.core.errors import ConfigurationError, StoreError
from elysia_desktop.stores.secrets import KeyringUnavailable, Secrets, allowed_backend

ROOT = Path(__file__).parents[2]
KEY = "sk-very-secret-0123456789"


class MemoryKeyring:
    """A keyring of the library's protocol, which can be locked, slow or broken."""

    def __init__(self):
        self.kept = {}
        self.error = None
        self.gate = None

    def _answer(self):
        if self.gate:
            assert self.gate.wait(10)
        if self.error:
            raise self.error

    def get_password(self, service, username):
        self._answer()
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        self._answer()
        self.kept[service, username] = password

    def delete_password(self, service, username):
        self._answer()
        del self.kept[service, username]


class WindowsKeyring(MemoryKeyring):
    """Stands where Windows' own backend stands."""


WindowsKeyring.__module__ = "keyring.backends.Windows"


@pytest.fixture
def backend():
    return MemoryKeyring()


@pytest.fixture
def secrets(backend):
    return Secrets(environ={}, timeout=5, find_keyring=lambda: backend)


def without_keyring(**environ):
    return Secrets(environ=environ, find_keyring=lambda: None)


def wait_for_keyring_threads():
    for thread in threading.enumerate():
        if thread.name == "keyring":
            thread.join(10)


# Where keys are kept


async def test_a_key_goes_to_the_keyring_one_entry_per_name(secrets, backend):
    kept = await secrets.set("OPENAI_API_KEY", KEY)
    assert kept.place == "keyring"
    assert backend.kept == {("elysia-desktop", "OPENAI_API_KEY"): KEY}
    assert await secrets.get("OPENAI_API_KEY") == KEY
    assert await secrets.get("WCD_API_KEY") is None


async def test_the_environment_comes_first_and_the_person_hears_that_it_hides_the_new_key(backend):
    secrets = Secrets(environ={"A": "outside", "EMPTY": ""}, find_keyring=lambda: backend)
    kept = await secrets.set("A", "inside")
    assert kept.place == "keyring"
    assert "environment variable A" in kept.sentence
    assert await secrets.get("A") == "outside"
    assert await secrets.get("EMPTY") is None


async def test_without_a_keyring_a_key_lasts_for_the_session():
    secrets = without_keyring()
    kept = await secrets.set("A", KEY)
    assert kept.place == "session"
    assert "no system keyring" in kept.sentence
    assert await secrets.get("A") == KEY
    assert await without_keyring().get("A") is None
    await secrets.delete("A")
    assert await secrets.get("A") is None


async def test_the_list_of_saved_keys_says_where_each_is(backend):
    secrets = Secrets(environ={"OUT": "x"}, find_keyring=lambda: backend)
    await secrets.set("RING", KEY)
    backend.error = keyring.errors.KeyringLocked("locked")
    await secrets.set("MEM", KEY)
    backend.error = None
    saved = await secrets.saved(["RING", "NONE", "MEM", "OUT"])
    assert {name: kept.place for name, kept in saved.items()} == {
        "RING": "keyring",
        "MEM": "session",
        "OUT": "environment",
    }
    assert list(saved) == ["RING", "MEM", "OUT"]


async def test_white_space_around_a_pasted_key_is_dropped_and_an_empty_key_refused(secrets):
    await secrets.set("A", f"  {KEY}\r\n")
    assert await secrets.get("A") == KEY
    with pytest.raises(ConfigurationError) as raised:
        await secrets.set("A", " \n")
    assert raised.value.hint
    assert await secrets.get("A") == KEY


async def test_a_deleted_key_is_gone_and_deleting_it_again_is_fine(secrets, backend):
    await secrets.set("A", KEY)
    await secrets.delete("A")
    await secrets.delete("A")
    assert await secrets.get("A") is None
    assert backend.kept == {}


# A keyring that does not answer


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (keyring.errors.KeyringLocked(KEY), "locked"),
        (keyring.errors.InitError(KEY), "set up"),
        (keyring.errors.PasswordSetError(KEY), "refused"),
        (OSError(KEY), "failed"),
        (UnicodeDecodeError("utf-8", KEY.encode(), 0, 1, KEY), "failed"),
    ],
)
async def test_a_keyring_that_fails_is_told_in_words_and_memory_stands_in(secrets, backend, error, word):
    backend.error = error
    kept = await secrets.set("A", KEY)
    assert kept.place == "session"
    assert word in kept.sentence
    assert KEY not in kept.sentence
    assert await secrets.get("A") == KEY
    shown = await secrets.backend()
    assert not shown.available
    assert word in shown.sentence
    backend.error = None
    assert (await secrets.backend()).available


async def test_a_key_that_the_keyring_did_not_take_is_newer_than_the_one_it_holds(secrets, backend):
    await secrets.set("A", "old")
    backend.error = keyring.errors.KeyringLocked("locked")
    await secrets.set("A", "new")
    backend.error = None
    assert await secrets.get("A") == "new"
    assert (await secrets.set("A", "newest")).place == "keyring"
    assert backend.kept["elysia-desktop", "A"] == "newest"
    assert await secrets.get("A") == "newest"


async def test_a_key_that_cannot_be_deleted_is_told(secrets, backend):
    await secrets.set("A", KEY)
    for error in (keyring.errors.PasswordDeleteError(KEY), keyring.errors.KeyringLocked(KEY)):
        backend.error = error
        with pytest.raises(StoreError, match="may still be") as raised:
            await secrets.delete("A")
        assert raised.value.hint
        assert KEY not in raised.value.sentence
        assert raised.value.__cause__ is None


async def test_a_keyring_that_waits_for_its_password_holds_nobody_up(backend):
    secrets = Secrets(environ={}, timeout=0.1, find_keyring=lambda: backend)
    backend.gate = threading.Event()
    loop = asyncio.get_running_loop()
    try:
        begun = loop.time()
        kept = await secrets.set("A", KEY)
        assert kept.place == "session"
        assert "0.1 seconds" in kept.sentence
        assert await secrets.get("A") == KEY
        assert await secrets.get("B") is None
        assert await secrets.saved(["B", "C"]) == {}
        assert not (await secrets.backend()).available
        with pytest.raises(KeyringUnavailable):
            await secrets.delete("B")
        assert loop.time() - begun < 2, "only the first call waits"
    finally:
        backend.gate.set()
    await asyncio.to_thread(wait_for_keyring_threads)
    backend.gate = None
    assert (await secrets.backend()).available, "it works again once the person has unlocked it"


async def test_a_change_that_was_given_up_before_its_turn_never_happens(backend):
    secrets = Secrets(environ={}, timeout=0.1, find_keyring=lambda: backend)
    backend.gate = threading.Event()
    try:
        await asyncio.gather(secrets.get("X"), secrets.set("A", KEY))
    finally:
        backend.gate.set()
    await asyncio.to_thread(wait_for_keyring_threads)
    assert backend.kept == {}
    assert await secrets.get("A") == KEY


async def test_a_bug_in_the_keyring_is_not_swallowed(secrets, backend):
    backend.error = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        await secrets.get("A")


async def test_the_limit_of_windows_is_told_and_the_key_stays_usable():
    backend = WindowsKeyring()
    secrets = Secrets(environ={}, find_keyring=lambda: backend)
    assert (await secrets.set("A", "x" * 1280)).place == "keyring"
    kept = await secrets.set("A", "x" * 1281)
    assert kept.place == "session"
    assert "1,280" in kept.sentence
    assert await secrets.get("A") == "x" * 1281
    assert (await secrets.backend()).available
    assert (await secrets.backend()).sentence == "Keys are kept in the Windows Credential Locker."


async def test_no_key_shows_in_what_is_printed_or_logged(secrets, backend, caplog):
    asyncio.get_running_loop().set_debug(True)
    asyncio.get_running_loop().slow_callback_duration = 0
    caplog.set_level(logging.DEBUG)
    await secrets.set("RING", KEY)
    saved = await secrets.saved(["RING"])
    backend.error = OSError(KEY)
    kept = await secrets.set("MEM", KEY)
    asyncio.get_running_loop().set_debug(False)
    for shown in (repr(secrets), repr(vars(secrets)), repr(saved), repr(kept), caplog.text):
        assert KEY not in shown


# Which keyrings are allowed


def test_only_the_operating_systems_own_keyrings_are_used():
    windows = WindowsKeyring()
    assert allowed_backend(windows) is windows
    for refused in (fail.Keyring(), null.Keyring(), MemoryKeyring()):
        assert allowed_backend(refused) is None


def test_a_chain_is_searched_for_an_allowed_one():
    windows = WindowsKeyring()

    def chain_of(*links):
        made = type("Chain", (), {"backends": links})
        made.__module__ = chainer.__name__
        return made()

    assert allowed_backend(chain_of(null.Keyring(), windows)) is windows
    assert allowed_backend(chain_of(null.Keyring(), MemoryKeyring())) is None


# The real thing

_STEPS = """
import asyncio, json, sys
from elysia_desktop.stores.secrets import KeyringUnavailable, Secrets

async def main():
    said = {}
    for step in sys.argv[1:]:
        secrets = Secrets(environ={}, timeout=4)  # each step starts without a memory
        name = "ELYSIA_TEST_KEY"
        match step:
            case "set":
                said[step] = (await secrets.set(name, "schlüssel-✓")).place
            case "get":
                said[step] = await secrets.get(name)
            case "saved":
                said[step] = {n: k.place for n, k in (await secrets.saved([name, "NONE"])).items()}
            case "delete":
                try:
                    said[step] = await secrets.delete(name)
                except KeyringUnavailable as error:
                    said[step] = str(error)
            case "lock":
                import secretstorage
                bus = secretstorage.dbus_init()
                secretstorage.get_default_collection(bus).lock()
                bus.close()
            case _:
                shown = await secrets.backend()
                said[step] = [shown.available, shown.sentence]
    print(json.dumps(said))

asyncio.run(main())
"""


def run_steps(*programs, unlock=True, session=True, **environ):
    """What each program's steps said, in a D-Bus session and home folder of their own."""
    quoted = " && ".join(f'"{sys.executable}" "$STEPS" {" ".join(steps)}' for steps in programs)
    start = "printf pw | gnome-keyring-daemon --unlock" if unlock else "gnome-keyring-daemon --start"
    if session:
        command = ["dbus-run-session", "--", "sh", "-c", f"{start} --components=secrets >/dev/null; {quoted}"]
    else:
        command = ["sh", "-c", quoted]
    with tempfile.TemporaryDirectory(prefix="ring") as home:
        steps = Path(home) / "steps.py"
        steps.write_text(_STEPS, encoding="utf-8")
        own = dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"), home)
        inherited = {
            n: v for n, v in os.environ.items() if not n.startswith(("DBUS_", "XDG_", "DISPLAY", "GNOME_"))
        }
        done = subprocess.run(
            command,
            env={**inherited, **own, "STEPS": str(steps), "PYTHONPATH": str(ROOT), **environ},
            cwd=home,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


posix = pytest.mark.skipif(
    sys.platform in {"win32", "darwin"}, reason="this system's keyring is the user's own"
)


@posix
def test_a_key_is_in_the_real_keyring_for_the_next_start_or_the_fallback_is_told():
    first = ("backend", "set", "get", "saved")
    second = ("get", "delete", "delete", "saved")
    if shutil.which("gnome-keyring-daemon") and shutil.which("dbus-run-session"):
        before, after = run_steps(first, second)
        assert before["backend"][0]
        assert "Secret Service" in before["backend"][1]
        assert before["set"] == "keyring"
        assert before["get"] == "schlüssel-✓"
        assert before["saved"] == {"ELYSIA_TEST_KEY": "keyring"}
        assert after == {"get": "schlüssel-✓", "delete": None, "saved": {}}
    else:
        before, after = run_steps(first, second, session=False)
        assert not before["backend"][0]
        assert before["set"] == "session"
        assert after == {"get": None, "delete": None, "saved": {}}


@posix
def test_a_real_keyring_that_is_locked_or_was_never_unlocked_is_told():
    steps = ("set", "get", "saved", "backend")
    if shutil.which("gnome-keyring-daemon") and shutil.which("dbus-run-session"):
        (never,) = run_steps(steps, unlock=False)
        stored, locked = run_steps(("set", "lock"), (*steps, "delete"))
        assert stored["set"] == "keyring"
        assert "may still be" in locked["delete"]
        for said in (never, locked):
            assert not said["backend"][0]
            assert "no system keyring" not in said["backend"][1]
    else:
        (never,) = run_steps(steps, session=False)
        locked = never
    for said in (never, locked):
        assert (said["set"], said["get"], said["saved"]) == ("session", None, {})


@posix
@pytest.mark.parametrize(
    "environ",
    [
        {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"},
        {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"},
        {"PYTHON_KEYRING_BACKEND": "not.a.module.Keyring"},
        {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.NoSuchClass"},
    ],
)
def test_a_system_without_a_keyring_says_so_and_works(environ):
    (said,) = run_steps(("backend", "set", "get", "delete"), session=False, **environ)
    assert said["backend"][0] is False
    assert "no system keyring" in said["backend"][1]
    assert said["set"] == "session"
    assert (said["get"], said["delete"]) == (None, None)
