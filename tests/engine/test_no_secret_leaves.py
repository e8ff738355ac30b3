"""A key of its own in every secret setting; none of them may turn up anywhere but in the header it is for."""

import json
import logging
import traceback

import pytest
from engine.asking import decision, settings_for, told
from engine.test_runner import cited, films_query, written
from pydantic import SecretStr
from support.scripted_model import Fail, Say, ScriptedModel

from elysia_desktop.core.defaults import configure, default_settings, reset_settings
from elysia_desktop.core.providers import PROVIDERS
from elysia_desktop.core.settings import Settings
from elysia_desktop.engine.managers.users import UserManager
from elysia_desktop.engine.tree import Tree
from elysia_desktop.stores.clients import ClientManager

CANARY = "canary-7f3a9c"
NAMES = sorted(
    {provider.key_name for provider in PROVIDERS if provider.key_name} | {"COHERE_API_KEY", "MY_APIKEY"}
)

STEPS = [
    decision("query", collection_names=["Films"]),
    written(films_query()),
    decision("cited_summarize", end=True),
    cited(("All of these.", [1, 2])),
]


def key(name):
    return f"{CANARY}-{name.lower()}"


def with_secrets(settings):
    """Every secret setting filled in; a test that fails here has a new one to look after."""
    secrets = {n for n, f in Settings.model_fields.items() if "SecretStr" in str(f.annotation)}
    assert secrets == {"wcd_api_key", "api_keys"}
    settings.configure(base_provider="openai_compatible", wcd_api_key=key("wcd"))
    for name in NAMES:
        settings.set_api_key(key(name), name)
    return settings


SCRIPTS = {
    "answered": STEPS,
    "refused": lambda _: Fail(401, f"Wrong key {key('OPENAI_COMPATIBLE_API_KEY')}."),
    "echoed": lambda body: Say(f"Your key is {key('OPENAI_COMPATIBLE_API_KEY')}."),
    "rejected": lambda body: Fail(400, {"error": {"message": f"Bearer {key('OPENAI_COMPATIBLE_API_KEY')}"}}),
}


@pytest.mark.parametrize("script", SCRIPTS)
async def test_no_key_is_in_a_payload_prompt_export_record_log_or_repr(clients, caplog, capfd, script):
    caplog.set_level(logging.DEBUG)
    with ScriptedModel(SCRIPTS[script]) as model:
        settings = with_secrets(settings_for(model, model_retries=0))
        tree = Tree(settings=settings, conversation_id="c")
        payloads = await told(tree, "Which films?", clients)
        assert model.requests[0].headers["authorization"] == f"Bearer {key('OPENAI_COMPATIBLE_API_KEY')}"
        sent = [received.body for received in model.requests]
        await tree.create_conversation_title_async()
        await tree.get_follow_up_suggestions_async()
        await tree.aclose()
        assert len(tree.recorder) > 0
        seen = [
            json.dumps([payloads, sent, tree.export_to_json(), settings.to_json(), tree.sent]),
            repr([tree, settings, tree.tree_data, vars(tree.tree_data), tree.base_lm, tree.recorder]),
            repr([settings.model_choice("base"), vars(tree.base_lm), list(tree.recorder)]),
            str(settings),
            json.dumps(settings.model_dump(mode="json"), default=str),
            *(record.getMessage() + str(record.exc_text) for record in caplog.records),
            *capfd.readouterr(),
        ]
    if script == "echoed":  # what a model says itself is the model's; what we keep of it is not
        seen = [text for text in seen if "Your key is" not in text]
    assert [text[:2000] for text in seen if CANARY in text] == []


async def test_what_a_person_types_into_a_question_by_mistake_is_not_exported(clients):
    with ScriptedModel([decision("text_response", text="Do not tell me.")]) as model:
        settings = with_secrets(settings_for(model))
        tree = Tree(settings=settings)
        await told(tree, f"Is {key('OPENAI_COMPATIBLE_API_KEY')} my key?", clients)
        assert CANARY not in json.dumps(tree.export_to_json())
        assert CANARY not in repr(list(tree.recorder))
        await tree.aclose()


async def test_no_key_is_in_an_exception():
    settings = with_secrets(Settings())
    failures = []
    for change in (
        {"base_provider": 3},
        {"recursion_limit": key("wcd")},
        {"wcd_api_key": [key("wcd")]},
        {"no_such": key("wcd")},
    ):
        with pytest.raises(Exception, match=r"setting") as raised:
            settings.configure(**change)
        failures += ["".join(traceback.format_exception(raised.value)), repr(raised.value)]
    clients = ClientManager(
        settings=settings, wcd_url="http://127.0.0.1:1", wcd_api_key=key("wcd"), init_timeout=1
    )
    with pytest.raises(Exception, match=r"\w") as raised:
        async with clients.connect_to_async_client():
            pass
    failures += ["".join(traceback.format_exception(raised.value)), repr(raised.value), repr(clients)]
    await clients.close_clients()
    assert [text for text in failures if CANARY in text] == []


async def test_no_key_is_in_what_managers_and_defaults_show():
    reset_settings()
    try:
        configure(openai_api_key=key("OPENAI_API_KEY"), wcd_api_key=SecretStr(key("wcd")))
        users = UserManager()
        await users.add_user_local("u")
        await users.initialise_tree("u", "c")
        tree = await users.get_tree("u", "c")
        shown = repr(
            [users, users.users, users.users["u"], vars(users), tree, default_settings(), tree.settings]
        )
        assert CANARY not in shown + json.dumps(tree.export_to_json())
        await users.close_all_clients()
    finally:
        reset_settings()
