"""A profile with a conversation about files, and models that call functions over them."""

import json
from contextlib import asynccontextmanager

from services.scripts import answers, collect, opened, use_model
from support.scripted_model import Call, Calls, Json, Say, ScriptedModel

MAST = "The mast of the Merle is 12 metres tall and made of spruce."
CREW = "Four sailors and a cook live on board in summer."
BOAT = f"# Rigging\n\n{MAST}\n\n# Crew\n\n{CREW}\n"
PORT = "# Fees\n\nA berth in Haven costs 30 crowns a night.\n"
QUESTION = "How tall is the mast?"
ANSWER = "The mast is 12 metres tall [source1]."
SAID = "The mast is 12 metres tall."


def has_results(body):
    """Whether a function has returned since the question was asked."""
    return body["messages"][-1]["role"] == "tool" or "Result of " in body["messages"][-1]["content"]


def search(text="mast", **more):
    return Calls([Call("search_documents", {"text": text, **more})])


def looking(body):
    """Search once, then answer."""
    return Say(ANSWER) if has_results(body) else search()


def looking_in_words(body):
    """The same, by a model that knows no functions."""
    if has_results(body):
        return Json({"function": "answer", "text": ANSWER})
    return Json({"function": "search_documents", "arguments": {"text": "mast", "documents": []}})


@asynccontextmanager
async def conversing(tmp_path, script=looking, files=None, *, settings=None, **model):
    """A workspace with a conversation that has files, over a model that does as the script says."""
    with ScriptedModel(script, **model) as served:
        use_model(tmp_path / "profile", served.address, **(settings or {}))
        workspace = await opened(tmp_path / "profile")
        workspace.model = served
        conversation = await workspace.begin(QUESTION)
        await add(workspace, conversation, tmp_path, files or {"boat.md": BOAT})
        try:
            yield workspace, conversation
        finally:
            await workspace.close()


async def add(workspace, conversation, folder, files):
    paths = []
    for name, text in files.items():
        paths.append(folder / name)
        paths[-1].write_text(text, "utf-8")
    report = await workspace.files.add(conversation.id, paths)
    assert report.refused == []
    return report.added


async def asked(workspace, conversation, question=QUESTION, **more):
    """Every payload of a question; `completed` is the last, and the only one."""
    payloads = await collect(workspace, conversation, question, **more)
    assert [p["type"] for p in payloads].count("completed") == 1
    assert payloads[-1]["type"] == "completed"
    return payloads


def kinds(payloads):
    """The types in order, of deltas that follow one another only one."""
    told = []
    for payload in payloads:
        kind = "text_delta" if payload["type"] == "text_replaced" else payload["type"]
        if kind != "status" and (kind != "text_delta" or told[-1:] != [kind]):
            told.append(kind)
    return told


def returned(payloads):
    """What came of each call: outcome and what the model was told."""
    ended = [p["payload"] for p in payloads if p["type"] == "tool_returned"]
    return [(one["outcome"], one["content"]) for one in ended]


def lasting(payloads):
    """What is to be there after a restart."""
    return [p for p in payloads if p["type"] not in {"text_delta", "text_replaced"}]


def on_screen(payloads):
    """The answer as it stood before it came whole."""
    text = ""
    for payload in payloads:
        match payload["type"]:
            case "text_delta":
                text += payload["payload"]["delta"]
            case "text_replaced":
                text = payload["payload"]["text"]
    return text


def cited(payloads):
    """The reference ids of the last answer."""
    last = [p for p in payloads if p["type"] == "text"][-1]
    return [ref for item in last["payload"]["objects"] for ref in item.get("ref_ids", ())]


def told_to(body):
    """Everything that a request told a model."""
    return json.dumps(body["messages"])


__all__ = ["answers"]
