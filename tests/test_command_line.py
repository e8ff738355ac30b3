"""The command line says what it can do and hands on what was said."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from elysia_desktop import __version__
from elysia_desktop.__main__ import main, parser

HEAVY = (
    "pydantic",
    "numpy",
    "dspy",
    "weaviate",
    "PySide6",
    "qasync",
    "keyring",
    "asyncio",
    "sqlite3",
    "httpx",
)
WATCH = f"""
import sys
from elysia_desktop.__main__ import main
try:
    main([{{}}])
except SystemExit as end:
    print("code", end.code)
print("loaded", [name for name in {HEAVY!r} if name in sys.modules])
"""


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "elysia_desktop", *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
        cwd=Path(__file__).parents[1],
    )


@pytest.mark.parametrize("option", ["--version", "--help", "--nonsense"])
def test_nothing_heavy_is_imported_to_say_a_sentence(option):
    code = WATCH.format(repr(option))
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
        cwd=Path(__file__).parents[1],
    )
    assert "loaded []" in done.stdout, done.stdout + done.stderr


def test_the_version_is_told_fast():
    times = []
    for _ in range(3):
        started = time.monotonic()
        done = run("--version")
        times.append(time.monotonic() - started)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"elysia-desktop {__version__}\n", "")
    assert min(times) < 0.5


def test_help_names_every_option():
    done = run("--help")
    assert done.returncode == 0
    for option in (
        "--version",
        "--profile-dir",
        "--headless",
        "--ask",
        "--collections",
        "--file",
        "--json",
        "--log-level",
    ):
        assert option in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("--nonsense",),
        ("--log-level", "LOUD"),
        ("--ask",),
        ("--headless", "--ask", ""),
        ("--json", "--ask", "x"),
        ("file.txt",),
    ],
)
def test_a_wrong_use_is_told_with_exit_code_2(arguments):
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.splitlines()[-1].startswith("elysia-desktop: error: ")
    assert "Traceback" not in done.stderr


def test_the_window_gets_what_was_said(monkeypatch, tmp_path):
    got = {}

    class App:
        @staticmethod
        def run(**said):
            got.update(said)
            return 7

    monkeypatch.setitem(sys.modules, "elysia_desktop.app", App)
    code = main(
        [
            "--profile-dir",
            str(tmp_path),
            "--ask",
            "How many?",
            "--collections",
            " A, ,B",
            "--log-level",
            "INFO",
        ]
    )
    assert code == 7
    assert got == {
        "profile": tmp_path,
        "question": "How many?",
        "collections": ["A", "B"],
        "log_level": "INFO",
    }


def test_a_name_that_is_given_twice_is_the_last_one():
    assert parser().parse_args(["--ask", "a", "--ask", "b"]).ask == "b"
