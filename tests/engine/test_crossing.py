import asyncio
import threading

import pytest

from elysia_desktop.core.errors import ToolError
from elysia_desktop.engine.crossing import entering


def go(*engines):
    """Enter the engines one within the other."""
    if engines:
        with entering(engines[0]):
            go(*engines[1:])


@pytest.mark.parametrize("first", ["tree", "loop"])
def test_one_crossing_is_allowed_and_a_second_refused_in_words(first):
    other = "loop" if first == "tree" else "tree"
    go(first, first, other, other)
    with pytest.raises(ToolError, match="cannot call the other engine here"):
        go(first, other, other, first)
    go(first, other)


async def test_the_way_is_known_in_tasks_and_threads():
    async def inner():
        with pytest.raises(ToolError):
            go("tree")

    with entering("tree"), entering("loop"):
        await asyncio.create_task(inner())
        await asyncio.to_thread(asyncio.run, inner())
    thread = threading.Thread(target=go, args=("loop", "tree"))
    thread.start()
    thread.join()
