import json
import stat

import pytest
from engine.feedback.runs import record

from elysia_desktop.core.errors import StoreError
from elysia_desktop.core.regression_case import Message, RegressionCase
from elysia_desktop.stores.regression_cases import RegressionCases, is_among, read_case


@pytest.fixture
def cases(tmp_path):
    return RegressionCases(tmp_path / "cases")


def case(question="Which boats have masts?", query_id="q1", **more):
    return RegressionCase(run=record(question, query_id=query_id), **more)


def test_a_case_is_read_as_it_was_kept(cases):
    kept = case(earlier=(Message(role="user", content="Hello"),), kept_at="2026-03-02T10:00:00+00:00")
    assert read_case(cases.keep(kept)) == kept


def test_a_file_is_named_after_its_question_and_for_its_owner_alone(cases):
    path = cases.keep(case())
    assert path.name.startswith("which-boats-have-masts-")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_format_names_itself_so_that_others_can_read_it(cases):
    written = json.loads(cases.keep(case()).read_text("utf-8"))
    assert (written["format"], written["version"]) == ("elysia-desktop/regression-case", 1)
    assert written["run"]["question"] == "Which boats have masts?"
    assert written["run"]["steps"][0]["requests"][0]["collection"] == "Boats"


def test_keeping_a_run_again_replaces_its_file(cases):
    cases.keep(case())
    cases.keep(case("Which boats have more masts?"))
    (only,) = cases.files()
    assert read_case(only).question == "Which boats have more masts?"


def test_a_question_of_no_latin_letter_has_a_file_too(cases):
    assert cases.keep(case("船は?")).name.startswith("case-")


def test_a_case_that_is_removed_is_kept_no_longer(cases):
    cases.keep(case())
    assert is_among("q1", cases.kept())
    assert not is_among("q2", cases.kept())
    assert cases.remove("q1")
    assert not cases.remove("q1")
    assert cases.files() == []
    assert not is_among("q1", cases.kept())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("not JSON", "Invalid JSON"),
        ("{}", "Field required at run"),
        ('{"format": "other", "run": {}}', "at format"),
        ('{"version": 2, "run": {}}', "at version"),
        ("[]", "no regression case"),
    ],
)
def test_what_is_no_case_is_refused_with_the_place(tmp_path, content, words):
    path = tmp_path / "case.json"
    path.write_text(content)
    with pytest.raises(StoreError, match=words):
        read_case(path)


def test_a_missing_or_huge_file_is_refused(tmp_path):
    with pytest.raises(StoreError, match="No such file"):
        read_case(tmp_path / "none.json")
    huge = tmp_path / "huge.json"
    huge.write_bytes(b" " * 4_000_001)
    with pytest.raises(StoreError, match="too large"):
        read_case(huge)
