"""Has `elysia-ai` 0.2.8 analyse collections of a Weaviate, or read what was analysed; runs where that is installed.

    python analyse.py < REQUEST

The request is one JSON object: `http` and `grpc`, the ports of a Weaviate on this computer, `model`, the address of an
OpenAI-compatible server, `analyse` and `read`, names of collections, and `find`, one to look into with its query tool.
Prints one JSON object: the `updates` of each analysis, what is `read`, and the payloads of what was `found`.
"""

import asyncio
import contextlib
import json
import os
import sys

from elysia.config import Settings, load_base_lm, load_complex_lm
from elysia.preprocessing.collection import (
    preprocess_async,
    preprocessed_collection_exists_async,
    view_preprocessed_collection_async,
)
from elysia.tools.retrieval.query import Query
from elysia.tree.objects import Atlas, CollectionData, TreeData
from elysia.util.client import ClientManager
from elysia.util.parsing import format_dict_to_serialisable


def plain(metadata):
    format_dict_to_serialisable(metadata)
    return metadata


async def read(name, clients):
    data = CollectionData([], {})
    await data.set_collection_names([name], clients)
    exists = await preprocessed_collection_exists_async(name, clients)
    return {
        "exists": exists,
        "viewed": plain(await view_preprocessed_collection_async(name, clients)) if exists else None,
        "in_use": data.output_full_metadata(with_mappings=True),
        "displays": data.output_mapping_lists(),
        "left_out": data.removed_collections + data.incorrect_collections,
    }


async def find(name, clients, settings):
    """Everything that its query tool sends, which it builds from what was analysed."""
    tree_data = TreeData(
        collection_data=CollectionData([], {}), atlas=Atlas(), user_prompt="Which are red?", settings=settings
    )
    await tree_data.set_collection_names([name], clients)
    sent = []
    tool = Query(summariser_in_tree=False)
    models = load_base_lm(settings), load_complex_lm(settings)
    async for said in tool(tree_data, {"collection_names": [name]}, *models, clients):
        if hasattr(said, "to_frontend"):
            sent.append(await said.to_frontend("u", "c", "q"))
        else:
            sent.append({"type": type(said).__name__})
    return sent


async def main(asked):
    settings = Settings()
    settings.configure(
        base_provider="openai",
        base_model="scripted",
        complex_provider="openai",
        complex_model="scripted",
        model_api_base=asked["model"],
        openai_api_key="local",
        weaviate_is_local=True,
        logging_level="ERROR",
    )
    clients = ClientManager(
        weaviate_is_local=True,
        local_weaviate_port=asked["http"],
        local_weaviate_grpc_port=asked["grpc"],
        wcd_url="localhost",
        settings=settings,
    )
    try:
        return {
            "updates": {
                name: [update async for update in preprocess_async(name, clients, settings=settings)]
                for name in asked.get("analyse", [])
            },
            "read": {name: await read(name, clients) for name in asked.get("read", [])},
            "found": await find(asked["find"], clients, settings) if asked.get("find") else None,
        }
    finally:
        await clients.close_clients()


if __name__ == "__main__":
    os.environ["OPENAI_API_KEY"] = "local"
    with contextlib.redirect_stdout(sys.stderr):
        told = asyncio.run(main(json.load(sys.stdin)))
    print(json.dumps(told))
