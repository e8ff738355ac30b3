"""Regression cases are replayed in the terminal, and the exit code tells what came of it."""

import io
import json
import subprocess
import sys

import pytest
from services.scripts import decision, find_then_cite, query, stage, use_model
from services.test_replaying import QUESTION, kept_case, searching
from support.scripted_model import Fail, ScriptedModel

from elysia_desktop.__main__ import main
from elysia_desktop.replaying import CHANGED, NOT_REPLAYED, SAME, replay


def other_request(body):
    return query(sort_by="masts") if stage(body) == "queries" else searching(body)


async def replayed(profile, script, which="all", **options):
    """The exit code and what was printed."""
    out, err = io.StringIO(), io.StringIO()
    with ScriptedModel(script) as model:
        use_model(profile, model.address, model_retries=0)
        code = await replay(which, profile=profile, out=out, err=err, **options)
    return code, out.getvalue(), err.getvalue()


async def test_a_case_that_goes_the_same_way_ends_with_nought(tmp_path):
    await kept_case(tmp_path, searching)
    code, out, err = await replayed(tmp_path, searching)
    assert (code, err) == (SAME, "")
    assert QUESTION in out
    assert "1 case: 0 changed, 1 the same." in out


async def test_a_change_is_shown_side_by_side_and_in_the_exit_code(tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    await kept_case(tmp_path, searching)
    code, out, _ = await replayed(
        tmp_path, lambda _: decision("text_response", end=True, text="I cannot say.")
    )
    assert code == CHANGED
    lines = {line.split()[0]: " ".join(line.split()) for line in out.splitlines() if line.strip()}
    assert lines["tools"] == "tools query → cited_summarize text_response different"
    assert lines["answer"] == f"answer {QUESTION.upper()} I cannot say. different"
    assert lines["models"] == "models scripted scripted"
    assert {"requests", "tokens", "time"} <= lines.keys()
    assert all(len(line) <= 120 for line in out.splitlines())
    assert "1 case: 1 changed, 0 the same." in out


async def test_a_narrow_terminal_shows_everything_below_each_other(tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    await kept_case(tmp_path, searching)
    _, out, _ = await replayed(tmp_path, other_request)
    assert "different" in out


async def test_each_case_can_be_had_as_a_line_of_json(tmp_path):
    path = await kept_case(tmp_path, searching)
    code, out, _ = await replayed(tmp_path, other_request, as_json=True)
    (told,) = [json.loads(line) for line in out.splitlines()]
    assert code == CHANGED
    assert (told["case"], told["question"], told["same"]) == (str(path), QUESTION, False)
    assert told["tools"] == {
        "before": "query → cited_summarize",
        "after": "query → cited_summarize",
        "same": True,
    }
    assert told["requests"]["same"] is False
    assert "same" not in told["tokens"]


async def test_one_file_is_replayed_with_another_model(tmp_path):
    path = await kept_case(tmp_path, searching)
    elsewhere = tmp_path / "elsewhere.json"
    path.rename(elsewhere)
    code, out, _ = await replayed(tmp_path, searching, str(elsewhere), model="larger")
    assert code == SAME
    assert "elsewhere.json" in out
    assert "larger" in out


async def test_what_cannot_be_replayed_is_told_and_ends_with_one(tmp_path):
    await kept_case(tmp_path, searching)
    code, out, err = await replayed(tmp_path, lambda _: Fail(401, "No."))
    assert code == NOT_REPLAYED
    assert "could not be asked again" in err
    assert "1 could not be replayed" in out
    code, _, err = await replayed(tmp_path, searching, str(tmp_path / "none.json"))
    assert code == NOT_REPLAYED
    assert "cannot be read" in err


async def test_without_cases_it_says_how_to_keep_one(tmp_path):
    (tmp_path / "sample-loaded").touch()
    code, out, err = await replayed(tmp_path, searching)
    assert (code, out) == (NOT_REPLAYED, "")
    assert "keep it as a regression case" in err


def test_the_command_line_replays_and_passes_the_exit_code_on(tmp_path):
    import asyncio

    asyncio.run(kept_case(tmp_path, searching))
    with ScriptedModel(find_then_cite) as model:
        use_model(tmp_path, model.address)
        command = [
            sys.executable,
            "-m",
            "elysia_desktop",
            "--headless",
            "--profile-dir",
            str(tmp_path),
            "--replay",
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (SAME, "")
    assert "1 case: 0 changed" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--replay"], "--replay goes with --headless"),
        (["--headless", "--model", "larger"], "--model goes with --replay"),
        (["--headless", "--replay", "--ask", "Which?"], "--replay asks the questions"),
        (["--headless", "--replay", "--collections", "A"], "--replay asks the questions"),
    ],
)
def test_what_does_not_go_together_is_refused(arguments, words, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert words in capsys.readouterr().err
