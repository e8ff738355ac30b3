"""Has `elysia-ai` 0.2.8 import saved trees, tells what it found and what it would save; runs where that is installed.

    python import_ours.py FILE…

Prints one JSON object: for each file, what was imported as `found`, and the tree exported again as `again`.
"""

import json
import sys
from pathlib import Path

from elysia import Tree


def found_in(tree):
    data = tree.tree_data
    return {
        "conversation_id": tree.conversation_id,
        "branch_initialisation": tree.branch_initialisation,
        "environment": {
            f"{tool}/{name}": [len(entry["objects"]) for entry in entries]
            for tool, named in data.environment.environment.items()
            if tool != "SelfInfo"
            for name, entries in named.items()
        },
        "hidden": data.environment.hidden_environment,
        "history": data.conversation_history,
        "prompts": [entry["prompt"] for entry in data.tasks_completed],
        "told_prompts": data.tasks_completed_string().count("Prompt: "),
        "collections": data.output_collection_metadata(),
        "errors": data.errors,
        "style": data.atlas.style,
        "sent": len(tree.returner.store),
        "models": [tree.settings.BASE_PROVIDER, tree.settings.BASE_MODEL, tree.settings.MODEL_API_BASE],
        "keys": tree.settings.API_KEYS,
    }


def main(paths):
    told = {}
    for path in paths:
        tree = Tree.import_from_json(json.loads(Path(path).read_text("utf-8")))
        told[path] = {"found": found_in(tree), "again": tree.export_to_json()}
    print(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1:])
