"""The package is cheap to import, and importing touches nothing."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import elysia_desktop

ROOT = Path(__file__).parents[1]
HEAVY = (
    "pydantic",
    "numpy",
    "dspy",
    "litellm",
    "weaviate",
    "PySide6",
    "qasync",
    "keyring",
    "asyncio",
    "sqlite3",
)


def python(code, *arguments):
    done = subprocess.run(
        [sys.executable, "-B", "-c", code, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def modules():
    files = sorted((ROOT / "elysia_desktop").rglob("*.py"))
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in files]
    return [name.removesuffix(".__init__") for name in names]


def test_importing_the_package_imports_nothing_heavy():
    code = f"import sys, elysia_desktop; print([n for n in {HEAVY!r} if n in sys.modules])"
    assert python(code).strip() == "[]"


def test_every_public_name_is_there():
    assert len(set(elysia_desktop.__all__)) == len(elysia_desktop.__all__)
    for name in elysia_desktop.__all__:
        found = getattr(elysia_desktop, name)
        assert name == "__version__" or found.__name__ == name
    assert set(elysia_desktop._HOMES) | {"__version__"} == set(elysia_desktop.__all__)
    namespace = {}
    exec("from elysia_desktop import *", namespace)
    assert set(elysia_desktop.__all__) <= set(namespace)


def test_public_names_are_found_by_completion():
    assert set(elysia_desktop.__all__) <= set(dir(elysia_desktop))


def test_a_name_that_is_not_there_is_said_as_python_says_it():
    with pytest.raises(AttributeError, match="module 'elysia_desktop' has no attribute 'Nonsense'"):
        _ = elysia_desktop.Nonsense


def test_the_version_is_that_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert elysia_desktop.__version__ == project["version"]


WATCHED = """
import importlib, json, os, sys
touched = []
now = ""

def watch(event, arguments):
    if not now:
        return
    if event in {"socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto", "subprocess.Popen",
                 "os.system", "os.putenv", "os.unsetenv", "os.mkdir", "os.remove", "os.rename", "os.rmdir",
                 "os.chmod", "shutil.rmtree", "sqlite3.connect", "os.fork", "os.posix_spawn",
                 "tempfile.mkstemp", "tempfile.mkdtemp"}:
        note(event, arguments)
    if event == "open":
        path, mode, flags = arguments
        writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
        if writes and path != os.devnull:
            note(event, arguments)

def note(event, arguments):
    # who does it: ours, or a library that ours imports
    frame, names = sys._getframe(2), []
    while frame:
        names.append(frame.f_globals.get("__name__", "?"))
        frame = frame.f_back
    touched.append([now, event, repr(arguments)[:200], [n for n in names if "importlib" not in n]])

sys.addaudithook(watch)
failed = {}
for now in json.loads(sys.argv[1]):
    try:
        importlib.import_module(now)
    except BaseException as error:
        failed[now] = repr(error)
now = ""
print(json.dumps([touched, failed]))
"""


def test_importing_any_module_touches_no_network_disk_or_environment():
    names = [name for name in modules() if not name.endswith("__main__")] + ["elysia_desktop.__main__"]
    touched, failed = json.loads(python(WATCHED, json.dumps(names)).splitlines()[-1])
    assert failed == {}
    assert [touch for touch in touched if not is_a_librarys_own_variable(*touch)] == []


def is_a_librarys_own_variable(_module, event, _arguments, frames):
    """PySide6, numpy and weaviate each set variables of theirs when they are loaded."""
    whose = next(root for name in frames if (root := name.split(".")[0]) not in sys.stdlib_module_names)
    return event in {"os.putenv", "os.unsetenv"} and whose in {
        "shibokensupport",
        "PySide6",
        "numpy",
        "weaviate",
    }


@pytest.mark.parametrize("layer", ["core", "stores", "engine", "state", "services"])
def test_below_the_window_nothing_loads_qt(layer):
    names = [name for name in modules() if name.startswith(f"elysia_desktop.{layer}")]
    code = f"""
import importlib, sys
for name in {names!r}: importlib.import_module(name)
print([n for n in sys.modules if n.startswith(("PySide6", "qasync", "shiboken6"))])
"""
    assert python(code).strip() == "[]"


def test_what_the_window_is_built_from_loads_no_engine_library():
    code = """
import sys, elysia_desktop.app
print([n for n in ("dspy", "litellm", "weaviate", "keyring", "xllamacpp", "numpy") if n in sys.modules])
"""
    assert python(code).strip() == "[]"
