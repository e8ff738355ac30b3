"""Questions are answered in the terminal: by real processes, in every way they can end."""

import asyncio
import io
import json
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from services.loops import BOAT, QUESTION, SAID, looking
from services.scripts import decision, find_then_cite, query, stage, use_model, without_sample, write_settings
from support.scripted_model import Fail, Json, Say, ScriptedModel, Stall

from elysia_desktop.core.environment import Environment
from elysia_desktop.core.payloads import ConsentAsked
from elysia_desktop.headless import SAMPLE_QUESTION, _Notes, _number, _Plain, _result, _sources, ask
from elysia_desktop.stores.conversations import Conversations

ROOT = Path(__file__).parents[1]
QUIET_END = "Answers in words need a language model"


def environment(**more):
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT), **more}


def command(*arguments):
    return [sys.executable, "-m", "elysia_desktop", *map(str, arguments)]


def run(*arguments, env=None):
    return subprocess.run(
        command(*arguments),
        check=False,
        capture_output=True,
        cwd="/",
        env=environment(**(env or {})),
        timeout=60,
    )


def asked(profile, question, *more, env=None):
    done = run("--headless", "--profile-dir", profile, "--ask", question, *more, env=env)
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done


@pytest.fixture(scope="session")
def loaded(tmp_path_factory):
    """A profile with the sample data."""
    profile = tmp_path_factory.mktemp("headless") / "profile"
    done = asked(profile, "tents")
    assert (done.returncode, done.stderr) == (0, b"")
    return profile


@pytest.fixture
def profile(loaded, tmp_path):
    """A copy of it."""
    return shutil.copytree(loaded, tmp_path / "profile")


def aggregating(*requests):
    def script(body):
        if stage(body) == "decide":
            end = "# Found so far" in body["messages"][-1]["content"]
            return (
                decision("cited_summarize", end=True) if end else decision("aggregate", collection_names=[])
            )
        if stage(body) == "aggregations":
            return Json({"requests": list(requests)})
        return find_then_cite(body)

    return script


def test_without_a_model_the_objects_are_printed(profile):
    done = asked(profile, "waterproof tents", "--collections", "Products,Reviews")
    out = done.stdout.decode()
    assert done.returncode == 0
    assert "Products: 8 of " in out
    assert "  sku " in out
    assert QUIET_END in out
    assert "Searching" not in out
    assert done.stderr == b""


def test_with_a_model_answer_and_objects_are_printed(profile):
    def script(body):
        return query("Products", limit=3) if stage(body) == "queries" else find_then_cite(body)

    with ScriptedModel(script) as model:
        use_model(profile, model.address)
        done = asked(profile, "Which tents?", "--collections", "Products")
    out = done.stdout.decode()
    assert done.returncode == 0, done.stderr.decode()
    assert "WHICH TENTS?" in out
    assert out.count("WHICH TENTS?") == 1
    assert "Products: 3 of 500" in out
    assert done.stderr == b""


def test_aggregations_are_printed_as_lines(profile):
    overall = {
        "collection": "Products",
        "filters": [],
        "match": "all",
        "group_by": None,
        "metrics": [
            {"property": "price", "function": "MEAN"},
            {"property": "waterproof", "function": "TOTAL_TRUE"},
        ],
    }
    grouped = {
        **overall,
        "collection": "Tickets",
        "group_by": "region",
        "metrics": [{"property": "resolved_hours", "function": "MEDIAN"}],
    }
    with ScriptedModel(aggregating(overall, grouped)) as model:
        use_model(profile, model.address)
        done = asked(profile, "How many?", "--collections", "Products,Tickets")
    out = done.stdout.decode()
    assert done.returncode == 0, done.stderr.decode()
    assert "{" not in out
    assert "Products: 500 objects\n" in out
    assert "  mean price: " in out
    assert "  total true waterproof: " in out
    assert "Tickets: 600 objects\n" in out
    lines = [line.split() for line in out.splitlines()]
    assert ["region", "count", "median", "resolved_hours"] in lines
    assert any(line[:2] == ["South", "144"] for line in lines)


def test_json_lines_are_the_payloads(profile):
    with ScriptedModel(
        lambda body: find_then_cite(body) if stage(body) != "queries" else query("Products")
    ) as m:
        use_model(profile, m.address)
        done = asked(profile, "Which tents? Zoë", "--json")
    assert done.returncode == 0
    assert done.stderr == b""
    payloads = [json.loads(line) for line in done.stdout.decode().splitlines()]
    kinds = [payload["type"] for payload in payloads]
    assert kinds[-1] == "completed"
    assert kinds.count("completed") == 1
    assert {"result", "text", "text_delta", "step_finished", "model_used"} <= set(kinds)
    assert len({payload["query_id"] for payload in payloads}) == 1
    assert "ZOË" in done.stdout.decode()


def test_an_unknown_collection_is_told_with_those_there_are(profile):
    done = asked(profile, "tents", "--collections", "Produkte, Products ,")
    assert done.returncode == 0
    assert "“Produkte”" in done.stderr.decode()
    assert "Handbook, Messages, Products, Reviews, Tickets" in done.stderr.decode()
    assert "Products: 8 of" in done.stdout.decode()

    nothing = asked(profile, "tents", "--collections", "Produkte")
    assert nothing.returncode == 1
    assert nothing.stdout == b""
    assert "Handbook, Messages, Products, Reviews, Tickets" in nothing.stderr.decode()

    lines = asked(profile, "tents", "--collections", "Produkte", "--json")
    assert lines.returncode == 1
    assert [json.loads(line)["type"] for line in lines.stdout.splitlines()][-1] == "completed"


@pytest.mark.parametrize("question", ["", "  \n"])
def test_an_empty_question_is_a_wrong_use(tmp_path, question):
    done = asked(tmp_path / "profile", question)
    assert done.returncode == 2
    assert b"empty" in done.stderr
    assert done.stdout == b""
    assert not (tmp_path / "profile").exists()


def test_without_a_question_the_sample_question_is_asked(profile):
    done = run("--headless", "--profile-dir", profile, "--collections", "Products")
    assert done.returncode == 0
    assert b"Products: " in done.stdout
    assert "jackets" in SAMPLE_QUESTION


@pytest.mark.parametrize("script", [lambda _: Fail(401, "No such key."), lambda _: Json({"what": "ever"})])
def test_a_model_that_does_nothing_useful_is_an_error_in_words(profile, script):
    with ScriptedModel(script) as model:
        use_model(profile, model.address)
        done = asked(profile, "Which tents?")
    assert done.returncode == 1
    assert done.stdout == b""
    lines = done.stderr.decode().splitlines()
    assert any("Settings" in line for line in lines)
    assert len({line.removeprefix("! ") for line in lines}) == len(lines), "nothing is said twice"


def test_a_model_that_is_gone_is_an_error_in_words(profile):
    use_model(profile, "http://127.0.0.1:9/v1")
    done = asked(profile, "Which tents?", "--json")
    assert done.returncode == 1
    assert done.stderr == b""
    *_, said, last = map(json.loads, done.stdout.splitlines())
    assert "Nothing answers at http://127.0.0.1:9" in json.dumps(said)
    assert last["type"] == "completed"


def test_what_cannot_be_opened_is_an_error_in_words(tmp_path):
    (tmp_path / "file").write_text("")
    done = asked(tmp_path / "file", "tents")
    assert done.returncode == 1
    assert b"file stands where a folder should be" in done.stderr
    write_settings(tmp_path / "profile", base_provider="on_this_computer", model_file="/nowhere.gguf")
    (tmp_path / "profile" / "sample-loaded").touch()
    unservable = asked(tmp_path / "profile", "tents", "--json")
    assert unservable.returncode == 1
    assert b"There is no file /nowhere.gguf" in unservable.stderr


def test_notices_are_told_and_the_question_is_answered(profile):
    (profile / "settings.json").write_text("{")
    done = asked(profile, "tents", env={"RECURSION_LIMIT": "many"})
    assert done.returncode == 0
    assert b"damaged" in done.stderr
    assert b"RECURSION_LIMIT" in done.stderr
    assert b"damaged" not in done.stdout


def test_a_damaged_conversations_file_is_told(profile):
    for path in profile.glob("conversations.db*"):
        path.unlink()
    (profile / "conversations.db").write_bytes(b"nothing of the sort" * 100)
    done = asked(profile, "tents")
    assert done.returncode == 0
    assert b"conversations.db" in done.stderr


def test_the_conversation_is_kept(profile):
    before = asked(profile, "tents")
    assert before.returncode == 0

    async def kept():
        conversations = Conversations(profile / "conversations.db")
        summary, *_ = await conversations.list()
        (turn,) = await conversations.turns(summary.id)
        await conversations.close()
        return summary.title, turn

    title, turn = asyncio.run(kept())
    assert title == "tents"
    assert turn.payloads[-1]["type"] == "completed"
    assert not turn.stopped


@contextmanager
def begun(*arguments, **kwargs):
    process = subprocess.Popen(command(*arguments), cwd="/", env=environment(), **kwargs)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_ctrl_c_ends_within_a_second_and_says_nothing(profile):
    with ScriptedModel(
        lambda body: Stall("{") if stage(body) == "answer" else find_then_cite(body)
        if stage(body) != "queries" else query("Products")
    ) as model:  # fmt: skip
        use_model(profile, model.address)
        arguments = ("--headless", "--profile-dir", profile, "--ask", "tents", "--json")
        with begun(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            while b'"result"' not in process.stdout.readline():
                pass
            time.sleep(0.2)
            pressed = time.monotonic()
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=10)
            took = time.monotonic() - pressed
    assert process.returncode == 130
    assert err == b""
    assert took < 1


@pytest.mark.parametrize("after", [0.4, 0.8])
def test_ctrl_c_during_the_start_says_nothing_either(tmp_path, after):
    use_model(tmp_path / "profile", "http://127.0.0.1:9/v1")
    arguments = ("--headless", "--profile-dir", tmp_path / "profile", "--ask", "tents")
    with begun(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        time.sleep(after)
        pressed = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)
        took = time.monotonic() - pressed
    assert (process.returncode, out, err) == (130, b"", b"")
    assert took < 1


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_a_reader_that_leaves_is_no_error(profile, form):
    arguments = ("--headless", "--profile-dir", profile, "--ask", "tents", *form)
    with begun(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read()
        process.wait(20)
    assert err == b""
    assert process.returncode in {0, 141}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="There is no full disk to write to.")
def test_a_full_disk_is_told(profile):
    with Path("/dev/full").open("w") as full:
        arguments = ("--headless", "--profile-dir", profile, "--ask", "tents")
        with begun(*arguments, stdout=full, stderr=subprocess.PIPE) as process:
            _, err = process.communicate(timeout=20)
    assert process.returncode == 1
    assert err == b"The answer could not be written: No space left on device.\n"


async def test_a_question_to_the_person_is_a_note_that_says_where_to_answer_it():
    out, err = io.StringIO(), io.StringIO()
    question = ConsentAsked("allow_chunk_collections", "They are long.")
    _Plain(out, _Notes(err)).show(await question.to_frontend("", "", ""))
    assert out.getvalue() == ""
    assert err.getvalue() == (
        "! They are long. Allow it, or not, in Settings → Data connection → Chunk collections, "
        "or with ALLOW_CHUNK_COLLECTIONS=true or false.\n"
    )


async def test_without_streams_it_still_answers(profile, monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    assert await ask("tents", ["Products", "Nowhere"], profile=profile) == 0
    assert await ask("tents", ["Products"], profile=profile, as_json=True) == 0


@pytest.mark.parametrize(
    "env",
    [{"LC_ALL": "C"}, {"LC_ALL": "POSIX", "PYTHONUTF8": "0"}, {"PYTHONIOENCODING": "cp1252"}],
    ids=str,
)  # fmt: skip
def test_a_terminal_that_knows_few_letters_does_not_end_the_program(profile, env):
    done = asked(profile, "Łomna jackets", "--collections", "Products", env=env)
    assert done.returncode == 0
    assert b"Products: " in done.stdout
    lines = asked(profile, "Łomna jackets", "--collections", "Products", "--json", env=env)
    encoding = env.get("PYTHONIOENCODING", "utf-8")
    payloads = [json.loads(line) for line in lines.stdout.decode(encoding).splitlines()]
    assert "Łomna" in json.dumps(payloads, ensure_ascii=False)


def test_progress_is_shown_on_a_terminal_only(tmp_path):
    main, other = pty.openpty()
    arguments = ("--headless", "--profile-dir", tmp_path / "profile", "--ask", "tents")
    with begun(*arguments, stdout=subprocess.PIPE, stderr=other) as process:
        os.close(other)
        said = b""
        while True:
            if select.select([main], [], [], 0.1)[0]:
                try:
                    part = os.read(main, 65536)
                except OSError:  # the other end was closed
                    break
                if not part:
                    break
                said += part
        out, _ = process.communicate(timeout=20)
    os.close(main)
    assert b"Loading sample data: Products" in said
    assert b"100%" in said
    assert b"Searching" in said
    assert said.endswith(b"\r")
    assert b"\r" not in out
    assert b"Loading" not in out


def test_the_log_level_is_heeded(profile):
    with ScriptedModel(lambda _: Fail(500, "x")) as model:
        use_model(profile, model.address)
        asked(profile, "tents", "--log-level", "INFO")
    assert "INFO" in (profile / "logs" / "elysia-desktop.log").read_text()


# How results are printed


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1234567, "1,234,567"),
        (3.0, "3"),
        (3.333333, "3.3333"),
        (0, "0"),
        (0.0, "0"),
        (0.00001234, "1.234e-05"),
        (-1234.5, "-1,234.5"),
        (True, "True"),
        (None, "none"),
        ([], "none"),
        ("2024-05-31", "2024-05-31"),
        ([{"value": "Tents", "count": 1200}, {"value": "Boots", "count": 3}], "Tents (1,200), Boots (3)"),
        (100.0, "100"),
    ],
)
def test_a_number_is_readable(value, shown):
    assert _number(value) == shown


def test_a_table_has_its_first_columns_and_objects():
    objects = [{"name": f"Boat\n{i}", "masts": None, "tags": ["a", "b"], "_REF_ID": "x"} for i in range(12)]
    text = _result({"type": "table", "objects": objects, "metadata": {"collection_name": "B", "total": 40}})
    assert text.splitlines()[:3] == [
        "B: 12 of 40",
        "  name    masts  tags",
        "  Boat 0  null   a, b",
    ]
    assert "Boat 9" in text
    assert "Boat 10" not in text
    assert text.endswith("… and 2 more")
    assert "_REF_ID" not in text


def test_objects_of_any_shape_are_printed():
    for objects in ([{}], [{"_REF_ID": "x"}], [{"a": {"b": 1}}, {"c": 2}]):
        assert _result({"type": "default", "objects": objects, "metadata": {}}).startswith("Result: ")
    odd = {"type": "aggregation", "objects": [{"num_items": 0, "collections": []}], "metadata": {}}
    assert _result(odd) == "Result: 0 objects"


def test_many_groups_are_cut():
    groups = {str(i): {"values": [{"value": i, "field": "x", "aggregation": "COUNT"}]} for i in range(60)}
    item = {"num_items": 9, "collections": [{"B": {"x": {"type": "text", "values": [], "groups": groups}}}]}
    text = _result({"type": "aggregation", "objects": [item], "metadata": {"collection_name": "B"}})
    assert text.endswith("… and 20 more groups")


def test_a_chart_is_printed_as_words_and_its_bars_as_a_table():
    data = {"x_labels": ["Jackets", "Tents"], "y_values": {"number": [42, 31], "mean price": [189.5, 20]}}
    chart = {"title": "Products", "description": "Jackets lead.", "x_axis_label": "category", "data": data}
    told = _result({"type": "bar_chart", "objects": [chart], "metadata": {}})
    assert told.splitlines() == [
        "Products",
        "Jackets lead.",
        "           number  mean price",
        "  Jackets  42      189.5",
        "  Tents    31      20",
    ]
    points = {**chart, "data": {"x_axis": [], "y_axis": []}}
    told = _result({"type": "scatter_or_line_chart", "objects": [points], "metadata": {}})
    assert told == "Products\nJackets lead."


def test_summaries_are_printed_in_place_of_the_objects():
    objects = [{"name": "A", "ELYSIA_SUMMARY": "Short."}, {"name": "B", "ELYSIA_SUMMARY": "Shorter."}]
    told = _result({"type": "table", "objects": objects, "metadata": {"collection_name": "Films"}})
    assert told == "Films, in short:\n  Short.\n  Shorter."


@pytest.fixture
def boat(tmp_path):
    path = tmp_path / "boat.md"
    path.write_text(BOAT, "utf-8")
    return path


@pytest.fixture
def empty(tmp_path):
    """A profile without the sample data."""
    without_sample(tmp_path / "empty")
    return tmp_path / "empty"


def test_a_file_is_asked_and_the_answer_names_it(empty, boat):
    with ScriptedModel(looking) as model:
        use_model(empty, model.address)
        done = asked(empty, QUESTION, "--file", boat)
    out = done.stdout.decode()
    assert (done.returncode, done.stderr) == (0, b"")
    assert f"{SAID}\n" in out
    assert "[source" not in out
    assert out.endswith("Sources:\n  boat.md\n\n")
    assert "12 metres tall and made of spruce" in out


def test_without_a_model_the_passages_of_a_file_are_printed(empty, boat):
    done = asked(empty, "mast", "--file", boat)
    out = done.stdout.decode()
    assert (done.returncode, done.stderr) == (0, b"")
    assert out.startswith("boat.md:\n  ")
    assert "made of spruce" in out
    assert QUIET_END in out


def test_files_that_cannot_be_read_are_named_and_the_others_are_asked(empty, boat, tmp_path):
    done = asked(empty, "mast", "--file", tmp_path / "gone.pdf", "--file", boat)
    assert done.returncode == 0
    assert b"gone.pdf" in done.stderr
    assert b"boat.md:" in done.stdout
    done = asked(empty, "mast", "--file", tmp_path / "gone.pdf")
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"gone.pdf" in done.stderr


def test_an_answer_of_nothing_is_none(empty, boat):
    with ScriptedModel(lambda _: Say("")) as model:
        use_model(empty, model.address)
        done = asked(empty, QUESTION, "--file", boat)
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"gave no answer" in done.stderr


def test_payloads_of_a_loop_are_json_lines(empty, boat):
    with ScriptedModel(looking) as model:
        use_model(empty, model.address)
        done = asked(empty, QUESTION, "--file", boat, "--json")
    payloads = [json.loads(line) for line in done.stdout.splitlines()]
    types = [payload["type"] for payload in payloads]
    assert {"tool_called", "tool_returned", "result", "text"} <= set(types)
    assert types[-1] == "completed"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--file", "a.md", "--ask", "x"],
        ["--headless", "--file", "a.md"],
        ["--headless", "--replay", "--file", "a"],
    ],
)
def test_a_file_goes_with_a_question_in_the_terminal(arguments):
    done = run(*arguments)
    assert done.returncode == 2
    assert b"--file" in done.stderr or b"--replay" in done.stderr


@pytest.mark.parametrize(
    ("pages", "told"),
    [([], "report.pdf"), ([None], "report.pdf"), ([3, 1, 3], "report.pdf, page 1, page 3")],
)
def test_the_pages_that_an_answer_cites_are_named_once(pages, told):
    found = Environment(self_info=False)
    objects = [
        {"title": "report.pdf", "document_id": "d", "page": page, "text": str(at)}
        for at, page in enumerate(pages or [None])
    ]
    stored = found.add_objects("search_documents", "report.pdf", objects)
    refs = [item["_REF_ID"] for item in stored]
    assert _sources({"objects": [{"text": "a", "ref_ids": [*refs, "unknown"]}]}, found) == [told]
    assert _sources({"objects": [{"text": "a", "ref_ids": refs}]}, None) == []
