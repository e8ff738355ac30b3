"""Types a question into the real window, with a real model behind it, and checks what the window then shows."""

from __future__ import annotations

import tempfile
from pathlib import Path

from window.app_driver import AppDriver
from window.conftest import virtual_display

QUESTION = "How many products do we have in Tents?"
RIGHT = "39"
PATIENCE = 900


def answers_rightly(model: Path, picture: Path) -> bool:
    """Ask in the window; whether the answer, the numbers found and the steps are right. Keeps a picture."""
    served = {"BASE_PROVIDER": "on_this_computer", "MODEL_FILE": str(model)}
    with (
        tempfile.TemporaryDirectory() as folder,
        virtual_display() as display,
        AppDriver(display, Path(folder), environment=served) as app,
    ):
        app.wait_for_data()
        app.ask(QUESTION)
        state = app.wait_for_answer(seconds=PATIENCE)
        picture.parent.mkdir(exist_ok=True)
        app.grab(str(picture))
    turn = state["turns"][0]
    steps = [step[0] for step in turn["steps"]]
    print(
        f"in the window: {QUESTION}\n     → {turn['answer']}  (expected {RIGHT}; steps {', '.join(steps)})",
        flush=True,
    )
    return RIGHT in turn["answer"] and "aggregate" in steps
