"""A conversation with a file, answered by a real model on this computer."""

import pytest
from services.loops import BOAT, QUESTION, add
from services.scripts import answers, collect, opened, write_settings
from support.local_model import model_file  # noqa: F401 - a fixture

pytestmark = pytest.mark.model


async def test_even_the_smallest_model_answers_from_a_file_in_words(tmp_path, model_file):  # noqa: F811
    profile = tmp_path / "profile"
    write_settings(
        profile,
        base_provider="on_this_computer",
        model_file=str(model_file),
        prompt_token_budget=700,
        max_output_tokens=96,
    )
    workspace = await opened(profile)
    conversation = await workspace.begin(QUESTION)
    await add(workspace, conversation, tmp_path, {"boat.md": BOAT})
    sent = await collect(workspace, conversation, QUESTION)
    await workspace.close()
    types = [payload["type"] for payload in sent]
    assert types[-1] == "completed"
    assert types.count("completed") == 1
    assert "self_healing_error" not in types
    assert "12 metres" in str(next(each for each in sent if each["type"] == "result"))
    assert "".join(answers(sent)).strip()
    assert all(
        payload["payload"]["input_tokens"] <= 1_400 for payload in sent if payload["type"] == "model_used"
    )
