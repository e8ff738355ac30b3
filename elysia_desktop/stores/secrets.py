"""Keys and passwords: from the environment, the system's keyring, or this session's memory."""

from __future__ import annotations

import asyncio
import configparser
import contextlib
import importlib
import os
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar, cast

from pydantic import SecretStr

from elysia_desktop.core.errors import ConfigurationError, ElysiaError, StoreError

T = TypeVar("T")

_NAMES = {
    "keyring.backends.macOS": "macOS Keychain",
    "keyring.backends.Windows": "Windows Credential Locker",
    "keyring.backends.SecretService": "Secret Service (GNOME Keyring, KWallet or KeePassXC)",
    "keyring.backends.libsecret": "Secret Service (GNOME Keyring, KWallet or KeePassXC)",
    "keyring.backends.kwallet": "KWallet",
}
"""The operating systems' own keyrings; file, plain-text and null backends are never used."""

_WINDOWS_BYTES = 2560  # CRED_MAX_CREDENTIAL_BLOB_SIZE; keyring writes UTF-16
_THEIR_ERRORS = (
    ("keyring.errors", "KeyringError"),
    ("secretstorage.exceptions", "SecretStorageException"),
    ("jeepney", "DBusErrorResponse"),
    ("dbus.exceptions", "DBusException"),
    ("gi.repository.GLib", "Error"),
    ("win32ctypes.pywin32.pywintypes", "error"),
    ("pywintypes", "error"),
)
_UNTIL_END = "keys are kept until the application ends, or set them as environment variables."


class KeyringBackend(Protocol):
    """What is used of a backend of the `keyring` library."""

    def get_password(self, service: str, username: str) -> str | None:
        """The secret, or None."""
        ...

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep the secret."""
        ...

    def delete_password(self, service: str, username: str) -> None:
        """Forget the secret."""
        ...


@dataclass(frozen=True)
class Kept:
    """Where a key is kept, and the same in words."""

    place: Literal["environment", "keyring", "session"]
    sentence: str


@dataclass(frozen=True)
class Backend:
    """The keyring in use: its name, whether it keeps keys now, and what to tell the person."""

    name: str
    available: bool
    sentence: str


class KeyringUnavailable(StoreError):
    """The system's keyring is locked, silent or refuses; it never carries a secret."""


def system_keyring() -> KeyringBackend | None:
    """The operating system's keyring as the `keyring` library chooses it, or None; may ask the system bus."""
    for module in _NAMES:  # an application frozen into one file has lost the entry points that name them
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    import keyring

    try:
        chosen = keyring.get_keyring()
    except (ImportError, AttributeError, configparser.Error):
        return None  # keyring's own configuration names a backend that is not there
    return allowed_backend(cast("KeyringBackend", chosen))


def allowed_backend(backend: KeyringBackend) -> KeyringBackend | None:
    """The backend if it is an operating system's own; of a chain the first that is."""
    if type(backend).__module__ == "keyring.backends.chainer":
        chain: Iterable[KeyringBackend] = getattr(backend, "backends", ())
        return next((link for link in chain if type(link).__module__ in _NAMES), None)
    return backend if type(backend).__module__ in _NAMES else None


class Secrets:
    """Keys by the names of their environment variables, such as `OPENAI_API_KEY`.

    The environment comes first. A key in this session's memory is one that the keyring did not take, so it is
    newer than what the keyring may hold. The keyring is asked on a thread of its own, which does not keep the
    application from ending; when it does not answer in `timeout` seconds, the session's memory stands in.
    """

    def __init__(
        self,
        service: str = "elysia-desktop",
        environ: Mapping[str, str] | None = None,
        timeout: float = 5.0,
        *,
        find_keyring: Callable[[], KeyringBackend | None] = system_keyring,
    ) -> None:
        self._service = service
        self._environ = os.environ if environ is None else environ
        self._timeout = timeout
        self._find_keyring = find_keyring
        self._session: dict[str, SecretStr] = {}
        self._found: list[KeyringBackend | None] = []  # empty until looked for
        self._one_at_a_time = threading.Lock()
        self._overdue: Future[object] | None = None
        self._trouble = ""

    async def get(self, name: str) -> str | None:
        """The key called `name`, or None; `backend()` tells when the keyring could not be asked."""
        if outside := self._environ.get(name):
            return outside
        if name in self._session:
            return self._session[name].get_secret_value()
        try:
            return (await self._in_keyring([name])).get(name, SecretStr("")).get_secret_value() or None
        except KeyringUnavailable:
            return None

    async def set(self, name: str, value: str) -> Kept:
        """Keep a key, trimmed of white space; returns where. `ConfigurationError` when it is empty."""
        secret = SecretStr(value.strip())
        if not secret.get_secret_value():
            raise ConfigurationError("The key is empty.", "Paste the key, or delete the one that is kept.")
        try:
            kept_as = await self._ask(lambda backend: self._store(backend, name, secret))
        except KeyringUnavailable as error:
            self._session[name] = secret
            return Kept(
                "session", f"The key is kept until the application ends. {error}{self._eclipse(name)}"
            )
        if kept_as is None:
            self._session[name] = secret
            return Kept("session", f"There is no system keyring here: {_UNTIL_END}{self._eclipse(name)}")
        self._session.pop(name, None)
        return Kept("keyring", f"The key is kept in the {kept_as}.{self._eclipse(name)}")

    async def delete(self, name: str) -> None:
        """Forget a key outside the environment; `KeyringUnavailable` when the keyring may still hold it."""
        self._session.pop(name, None)
        try:
            await self._ask(lambda backend: self._remove(backend, name))
        except KeyringUnavailable as error:
            raise KeyringUnavailable(
                f"The key {name} may still be in the keyring. {error}",
                "Once the keyring answers, delete the key again.",
            ) from None

    async def saved(self, names: Iterable[str]) -> dict[str, Kept]:
        """Where each of these keys is, without those that are nowhere; the keys themselves stay there."""
        wanted = list(names)
        places: dict[str, Kept] = {}
        for name in wanted:
            if self._environ.get(name):
                places[name] = Kept("environment", f"The environment variable {name} is used.")
            elif name in self._session:
                places[name] = Kept("session", "The key is kept until the application ends.")
        missing = [name for name in wanted if name not in places]
        if missing:
            with contextlib.suppress(KeyringUnavailable):
                found = await self._in_keyring(missing)
                places |= {name: Kept("keyring", f"The key is kept in the {self._name()}.") for name in found}
        return {name: places[name] for name in wanted if name in places}

    async def backend(self) -> Backend:
        """Which keyring is in use and whether it answers, for a dialog; a locked one may prompt."""
        with contextlib.suppress(KeyringUnavailable):
            await self._in_keyring(["-"])
        name = self._name()
        if self._trouble:
            return Backend(name, False, f"{self._trouble} Until then {_UNTIL_END}")
        if not name:
            return Backend("", False, f"There is no system keyring here: {_UNTIL_END}")
        return Backend(name, True, f"Keys are kept in the {name}.")

    async def _in_keyring(self, names: Iterable[str]) -> dict[str, SecretStr]:
        def look(backend: KeyringBackend) -> dict[str, SecretStr]:
            # wrapped, since the text of a pending call in a log shows its result
            read = ((name, backend.get_password(self._service, name)) for name in names)
            return {name: SecretStr(value) for name, value in read if value}

        return await self._ask(look) or {}

    def _store(self, backend: KeyringBackend, name: str, secret: SecretStr) -> str:
        value = secret.get_secret_value()
        too_long = len(value.encode("utf-16-le", "surrogatepass")) > _WINDOWS_BYTES
        if too_long and type(backend).__module__ == "keyring.backends.Windows":
            raise _Refused("It is longer than the 1,280 characters that the Windows Credential Locker takes.")
        backend.set_password(self._service, name, value)
        return _NAMES.get(type(backend).__module__, "system's keyring")

    def _remove(self, backend: KeyringBackend, name: str) -> None:
        if backend.get_password(self._service, name) is not None:
            backend.delete_password(self._service, name)

    async def _ask(self, call: Callable[[KeyringBackend], T]) -> T | None:
        """What the keyring answers, None when there is none; `KeyringUnavailable` when it does not answer."""
        if self._overdue is not None and not self._overdue.done():
            raise KeyringUnavailable(self._trouble)
        job: Future[T | None] = Future()

        def run() -> None:
            with self._one_at_a_time:
                if not job.set_running_or_notify_cancel():
                    return  # nobody waits any more, so a change must not happen behind their back
                try:
                    job.set_result(self._called(call))
                except BaseException as error:  # noqa: BLE001 - handed to the one who waits
                    job.set_exception(error)

        threading.Thread(target=run, name="keyring", daemon=True).start()
        try:
            async with asyncio.timeout(self._timeout):  # unlike `wait_for`, it never loses a cancellation
                answer = await asyncio.wrap_future(job)
        except TimeoutError:
            if not job.cancel():  # it has begun, and nothing else gets through before it ends
                self._overdue = cast("Future[object]", job)
            waited = f"{self._timeout:g} seconds"
            self._trouble = f"The keyring did not answer within {waited}; it may be waiting to be unlocked."
        except _Refused as error:
            raise KeyringUnavailable(str(error)) from None
        except _their_errors() as error:
            self._trouble = _told(error)
        else:
            self._trouble = ""
            return answer
        raise KeyringUnavailable(self._trouble)  # outside the handlers: their errors' frames hold the key

    def _called(self, call: Callable[[KeyringBackend], T]) -> T | None:
        if not self._found:
            self._found.append(self._find_keyring())
        backend = self._found[0]
        return None if backend is None else call(backend)

    def _name(self) -> str:
        backend = self._found[0] if self._found else None
        return "" if backend is None else _NAMES.get(type(backend).__module__, "system's keyring")

    def _eclipse(self, name: str) -> str:
        set_outside = f" As long as the environment variable {name} is set, that one is used."
        return set_outside if self._environ.get(name) else ""


class _Refused(ElysiaError):
    """The keyring is well but does not take the one key."""


def _their_errors() -> tuple[type[BaseException], ...]:
    """What keyring and the libraries under it raise; only of those that are loaded."""
    found = [
        getattr(sys.modules[module], name, None) for module, name in _THEIR_ERRORS if module in sys.modules
    ]
    return (
        OSError,
        UnicodeError,
        *(kind for kind in found if isinstance(kind, type) and issubclass(kind, BaseException)),
    )


def _told(error: BaseException) -> str:
    """Their error in words, not theirs: what they say might repeat the key."""
    match type(error).__name__:
        case "KeyringLocked" | "LockedException" | "PromptDismissedException":
            return "The keyring is locked: unlock it, then try again."
        case "InitError":
            return "The keyring has not been set up or unlocked: log in to it once, then try again."
        case "PasswordDeleteError":
            return "The keyring refused to delete the key: delete it in the system's own keyring program."
        case "PasswordSetError":
            return "The keyring refused to keep the key."
        case name:
            return f"The keyring failed ({name})."
