"""Makes the pictures of the documentation: a realistic run on the sample data, and a file with its citation opened."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.reader_agent import QUESTION as FILE_QUESTION
from support.reader_agent import reader
from support.scripted_model import Json, ScriptedModel
from support.shop_agent import JACKETS, QUESTION, ShopAgent, cited, decision
from window.app_driver import ROOT, AppDriver
from window.conftest import virtual_display

MODEL = "example-model"
STORY = ROOT / "tests" / "files" / "pdf" / "chromium.pdf"
EARLIER = ("What do customers say about broken zips?", "How many days do customers have to return something?")
_AVERAGES = {
    "collection": "Products",
    "filters": [{"property": "category", "operator": "=", "value": "Jackets"}],
    "match": "all",
    "group_by": "subcategory",
    "metrics": [{"property": "rating", "function": "MEAN"}, {"property": "price", "function": "MEAN"}],
}


def agent() -> ShopAgent:
    """Two short conversations from before, then the one in the picture."""
    greetings = [
        decision("text_response", "Known from before.", end=True, text=text)
        for text in (
            "Most complaints are about zips that jam in cold, wet weather.",
            "Customers can return unused goods within 60 days.",
        )
    ]
    return ShopAgent(
        {
            "decision": [
                *greetings,
                decision(
                    "query",
                    "The question names a kind of product, a price limit and a ranking: filter Products, sort by rating.",
                    collection_names=["Products"],
                ),
                decision(
                    "aggregate",
                    "To say how good these ratings are, compute the averages over all jackets.",
                    collection_names=["Products"],
                ),
                decision("cited_summarize", "The objects found hold the answer.", end=True),
            ],
            "query": [Json({"requests": [JACKETS]})],
            "aggregate": [Json({"requests": [_AVERAGES]})],
            "answer": [
                cited(
                    "",
                    (
                        "The **Varnskar Fulmar Packable Cagoule** is rated best with 5.0 stars at £105.75, "
                        "but by two people only.",
                        [2],
                    ),
                    (
                        "With 4.67 stars from six people each, the Lochan Packable Cagoule and the Cowrie Rain Jacket "
                        "are the safer choice.",
                        [4, 3],
                    ),
                    ("Rain jackets average 4.42 stars in the whole shop.", [1]),
                )
            ],
        }
    )


def picture(display: str, appearance: str, target: Path) -> None:
    """Run the application through the conversations and keep what it shows."""
    with tempfile.TemporaryDirectory() as folder, ScriptedModel(agent(), models=[MODEL]) as model:
        environment = {
            "BASE_PROVIDER": "ollama",
            "BASE_MODEL": MODEL,
            "BASE_API_BASE": model.address,
            "APPEARANCE": appearance,
        }
        with AppDriver(display, Path(folder), environment=environment) as app:
            app.wait_for_data()
            for question in (*EARLIER, QUESTION):
                app.press("Ctrl+N")
                app.ask(question)
                app.wait_for_answer()
            app.cite(0)
            app.wait("the cited object", lambda state: state["inspector"]["selected"] == "query_Products_1_0")
            app.resize(1440, 900)
            time.sleep(0.5)
            app.grab(str(target))


def picture_of_file(display: str, appearance: str, target: Path) -> None:
    """Ask about a file, open what the answer cites, and keep what is shown."""
    with tempfile.TemporaryDirectory() as folder, ScriptedModel(reader, models=[MODEL]) as model:
        story = shutil.copy(STORY, Path(folder) / "The Harbour of Elmsund.pdf")
        environment = {
            "BASE_PROVIDER": "ollama",
            "BASE_MODEL": MODEL,
            "BASE_API_BASE": model.address,
            "APPEARANCE": appearance,
        }
        with AppDriver(display, Path(folder) / "profile", environment=environment) as app:
            app.wait_for_data()
            app.drop([str(story)])
            app.wait_for_files("The Harbour of Elmsund.pdf")
            app.ask(FILE_QUESTION)
            app.wait_for_answer()
            app.cite(0)
            app.wait("the cited passage", lambda state: state["inspector"]["document"]["passage"])
            app.resize(1440, 900)
            time.sleep(0.5)
            app.grab(str(target))


def main() -> int:
    """Make all pictures."""
    folder = ROOT / "docs" / "images"
    folder.mkdir(parents=True, exist_ok=True)
    with virtual_display() as display:
        for appearance in ("light", "dark"):
            for name, make in (("main", picture), ("document", picture_of_file)):
                target = folder / f"{name}-{appearance}.png"
                make(display, appearance, target)
                print(target.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
