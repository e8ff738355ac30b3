"""Asks a question and says each payload before it would be shown; run by a fault, which kills it.

answer_asker.py PROFILE CONVERSATION QUESTION
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from elysia_desktop.services.workspace import Workspace


async def main() -> None:
    profile, conversation_id, question = sys.argv[1:]
    workspace = Workspace(Path(profile))
    await workspace.open()
    async for payload in workspace.asking.ask(conversation_id, workspace.new_id(), question):
        print(json.dumps(payload), flush=True)
    await workspace.close()


if __name__ == "__main__":
    asyncio.run(main())
