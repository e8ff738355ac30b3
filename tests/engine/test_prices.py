import pytest
from engine.models import choice_of

from elysia_desktop.engine.lm import load_model_library
from elysia_desktop.engine.prices import Prices


def response(**body):
    load_model_library()
    import dspy

    lm15 = dspy.lm15
    return lm15.Response(
        id=None,
        model="unheard-of",
        message=lm15.Message.assistant("x"),
        finish_reason="stop",
        usage=lm15.Usage(input_tokens=1000, output_tokens=500, total_tokens=1500),
        provider_data=body,
    )


async def cost(reply, served_by=None, **changes):
    return await Prices(choice_of(**changes)).cost(1000, 500, reply, None, served_by)


async def test_the_persons_own_price_goes_first():
    assert await cost(response(usage={"cost": 9}), input_price=1.0, output_price=4.0) == pytest.approx(0.003)
    assert await cost(response(), provider="llama_cpp", input_price=0.0, output_price=2.0) == 0.001


async def test_half_a_price_is_none():
    assert await cost(response(), input_price=1.0) is None


@pytest.mark.parametrize(
    ("told", "taken"),
    [
        (0.25, 0.25),
        ({"total_cost": 0.25}, 0.25),
        (0, 0.0),
        (-1, None),
        (True, None),
        ("0.25", None),
        ({}, None),
    ],
)
async def test_only_a_sum_of_money_is_taken_for_the_servers_price(told, taken):
    assert await cost(response(usage={"cost": told})) == taken


@pytest.mark.parametrize("body", [{}, {"usage": None}, {"usage": [1]}])
async def test_without_any_price_the_cost_is_unknown(body):
    assert await cost(response(**body)) is None


@pytest.mark.parametrize(
    ("changes", "served_by"),
    [
        ({"provider": "openai", "address": ""}, "openai-chat"),
        ({"provider": "openai", "address": ""}, None),
        ({"address": "https://api.openai.com/v1"}, None),
    ],
)
async def test_known_models_are_priced_by_the_librarys_own_list(changes, served_by):
    priced = await cost(response(), served_by, model="gpt-4o-mini", **changes)
    assert priced == pytest.approx((1000 * 0.15 + 500 * 0.6) / 1_000_000)


@pytest.mark.parametrize(
    "changes",
    [
        {"address": "https://models.example.com/v1"},
        {"address": "http://[broken"},
        {"address": ""},
        {"provider": "of-the-future", "address": ""},
    ],
)
async def test_a_known_name_served_by_somebody_else_is_not_priced(changes):
    assert await cost(response(), model="gpt-4o-mini", **changes) is None


async def test_a_model_on_this_computer_is_free_also_when_its_reply_was_unusable():
    assert await cost(None, provider="ollama") == 0.0
    assert await cost(None, provider="openai") is None


def test_pricing_does_not_load_the_slow_library():
    import subprocess
    import sys

    program = (
        "import asyncio, sys; sys.path[:0] = ['tests', '.']\n"
        "from engine.test_prices import cost, response\n"
        "assert asyncio.run(cost(response(), 'openai-chat', provider='openai', model='gpt-4o')) > 0\n"
        "assert 'litellm' not in sys.modules or type(sys.modules['litellm']).__name__ != 'module'\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
