from elysia_desktop.engine.lm import Completion
from elysia_desktop.engine.predict import Spent
from elysia_desktop.engine.spending import used


def test_what_attempts_took_is_summed_up_and_told():
    spent = Spent(model="m")
    spent.add(Completion("a", 10, 2, 0.5, 0.25, exchanges=("exc-1", "exc-2")))
    spent.add(Completion("b", 20, 3, 0.25, 0.5, exchanges=("exc-3",)))
    assert used("decision", spent, ("a", "b")).object == {
        "purpose": "decision",
        "model": "m",
        "seconds": 0.75,
        "input_tokens": 30,
        "output_tokens": 5,
        "attempts": 2,
        "cost": 0.75,
        "options": ["a", "b"],
        "exchanges": ["exc-1", "exc-2", "exc-3"],
    }


def test_one_unknown_price_makes_the_whole_unknown():
    spent = Spent()
    for cost in (0.5, None, 0.5):
        spent.add(Completion("a", 1, 1, 0.1, cost))
    assert spent.cost is None
