"""Stops what waits for a model."""

import asyncio


async def stopped_at(model, number, work):
    """Cancel the work once the model has been asked this often, and wait for its end."""
    task = asyncio.create_task(work)
    for _ in range(500):
        if len(model.requests) >= number:
            break
        await asyncio.sleep(0.01)
    assert len(model.requests) == number
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
