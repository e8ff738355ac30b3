"""Helpers to run the loop on the test's own event loop, with the tree's tools and data behind it."""

import asyncio
from contextlib import asynccontextmanager

from state.loops import Told, settings_for
from support.scripted_model import ScriptedModel

from elysia_desktop.core.collection_data import CollectionData
from elysia_desktop.core.tree_data import Atlas, TreeData
from elysia_desktop.engine.adapt import EngineContext
from elysia_desktop.engine.analysis.statistics import statistics
from elysia_desktop.state import Bridge, ExternalModuleChosenEvent, Models, ModuleConfig, StateManager


@asynccontextmanager
async def looping(
    clients, *script, tools=(), question="Which films are set in space?", collections=(), **parts
):
    """A state manager with these tools over a model that says this."""
    with ScriptedModel(script[0] if callable(script[0]) else list(script)) as model:
        settings = settings_for(model)
        data = TreeData(CollectionData([], statistics=statistics), Atlas(), settings=settings)
        await data.set_collection_names(list(collections), clients)
        models = Models.from_settings(settings)
        told = Told()
        event = ExternalModuleChosenEvent(user_id="u", conversation_id="c", user_message=question)
        state = StateManager(
            event,
            ModuleConfig(),
            models=models,
            engine=EngineContext(data, models.base, models.complex, clients),
            listener=told,
            bridge=Bridge(asyncio.get_running_loop()),
            **parts,
        )
        data.state_manager = state
        state.told, state.model = told, model
        await state.aload()
        state.register(list(tools))
        try:
            yield state
        finally:
            await models.aclose()


async def answered(state, **options):
    """The assistant's text after a loop."""
    await state.aloop(out=state.last_ass_message, **options)
    return state.last_ass_message.content
