"""The tool that finds or builds the tests' Weaviate says where it is, or why there is none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).parents[3] / "packaging" / "tools" / "get_weaviate.py"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-in for Go is a shell script")


@pytest.fixture
def got(tmp_path):
    """Run the tool with its folder in a temporary one, and with a Go that does what it is told, or none."""

    def run(*options, go=None, **environ):
        programs = tmp_path / "programs"
        programs.mkdir(exist_ok=True)
        if go is not None:
            (programs / "go").write_text(f"#!/bin/sh\n{go}\n")
            (programs / "go").chmod(0o755)
        elif (Path(sys.executable).parent / "go").exists():
            pytest.skip("There is a Go beside this Python.")
        command = [sys.executable, str(TOOL), "--folder", str(tmp_path / "kept"), *options]
        return subprocess.run(
            command,
            env={
                "PATH": f"{programs}:/usr/bin:/bin" if go else str(programs),
                "HOME": str(tmp_path),
                **environ,
            },
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_a_server_that_is_named_is_taken(got, tmp_path):
    server = tmp_path / "mine"
    server.write_text("#!/bin/sh\n")
    server.chmod(0o755)
    assert got(WEAVIATE_BINARY=str(server)).stdout == f"{server}\n"


def test_a_named_server_that_is_no_program_is_told(got, tmp_path):
    ended = got(WEAVIATE_BINARY=str(tmp_path / "none"))
    assert (ended.returncode, ended.stdout) == (3, "")
    assert "is not a program" in ended.stderr


def test_it_is_built_once_and_kept_by_version(got, tmp_path):
    builds = (
        'if [ "$1" = install ]; then mkdir -p "$GOBIN"; echo "$CGO_ENABLED $3" > "$GOBIN/weaviate-server"; fi'
    )
    builds = f'{builds}; echo "$1 $2" >> {tmp_path}/asked'
    first = got(go=builds)
    assert first.returncode == 0, first.stderr
    kept = Path(first.stdout.strip())
    assert kept.is_file()
    assert kept.parent.parent == tmp_path / "kept"
    assert kept.read_text().startswith("0")
    assert list(kept.parent.iterdir()) == [kept]
    asked = (tmp_path / "asked").read_text()
    assert f"weaviate-server@{kept.parent.name}" in asked
    assert got(go=builds).stdout == first.stdout
    assert (tmp_path / "asked").read_text() == asked


def test_without_go_that_is_told(got):
    ended = got()
    assert (ended.returncode, ended.stdout) == (3, "")
    assert "no Go" in ended.stderr
    assert "WEAVIATE_BINARY" in ended.stderr


def test_where_no_module_proxy_answers_that_is_told(got):
    ended = got(go="echo no such host >&2; exit 1")
    assert (ended.returncode, ended.stdout) == (3, "")
    assert "No Go module proxy answers" in ended.stderr
    assert "no such host" in ended.stderr


def test_nothing_is_built_when_only_asked_for(got):
    ended = got("--cached", go="exit 1")
    assert (ended.returncode, ended.stderr) == (3, "Weaviate was not built yet: make weaviate\n")
