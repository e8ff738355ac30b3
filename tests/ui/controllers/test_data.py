import asyncio
import socket

import pytest
from PySide6.QtWidgets import QPushButton
from support.embedding_server import EmbeddingServer, Fail, Slow

from elysia_desktop.core.schema import CollectionSchema, DataType, Property
from elysia_desktop.services.workspace import Workspace
from elysia_desktop.ui.controllers.data import DataController


@pytest.fixture
def nobody():
    """Two ports at which nothing answers."""
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        yield one.getsockname()[1], other.getsockname()[1]


@pytest.fixture
async def workspace(tmp_path):
    workspace = Workspace(tmp_path)
    notes = CollectionSchema(name="Notes", properties=(Property(name="text", type=DataType.TEXT),))
    workspace.folders.make()
    await workspace.clients.store().create(notes)
    yield workspace
    await workspace.close()


def use(workspace, source, ports):
    settings = workspace.clients.settings.model_copy()
    settings.configure(data_source=source, local_weaviate_port=ports[0], local_weaviate_grpc_port=ports[1])
    workspace.clients.settings = settings


async def test_the_collections_of_the_library_are_shown(window, workspace, tasks):
    await DataController(window, workspace, tasks).show()
    assert window.status.data_text == "Local library · 1 collection"
    assert window.page.notice is None


async def test_a_weaviate_that_does_not_answer_is_told_and_can_be_tried_again(
    window, workspace, tasks, nobody
):
    controller = DataController(window, workspace, tasks)
    await controller.show()
    use(workspace, "local", nobody)
    await controller.show()
    assert window.status.data_text == "Weaviate on this computer · not connected"
    assert str(nobody[0]) in window.page.notice.text
    use(workspace, "library", nobody)
    window.page.notice_acted.emit("Connect again")
    assert window.page.notice is None
    for _ in range(200):
        if window.status.data_text == "Local library · 1 collection":
            break
        await asyncio.sleep(0.01)
    else:
        pytest.fail(window.status.data_text)


async def test_while_connecting_again_the_status_bar_says_so_and_one_can_type(
    window, workspace, tasks, nobody
):
    controller = DataController(window, workspace, tasks)
    use(workspace, "local", nobody)
    await controller.show()
    window.page.notice.findChild(QPushButton).setFocus()
    window.page.notice_acted.emit("Connect again")
    assert window.status.data_text == "Weaviate on this computer · connecting…"
    assert window.focusWidget() is window.page.composer._edit  # the button is gone
    await tasks.close()


async def test_a_notice_of_data_out_of_reach_goes_when_other_data_is_reached(
    window, workspace, tasks, nobody
):
    controller = DataController(window, workspace, tasks)
    use(workspace, "local", nobody)
    await controller.show()
    assert window.page.notice is not None
    use(workspace, "library", nobody)
    await controller.show()
    assert window.page.notice is None


async def test_a_notice_of_something_else_stays_when_data_is_reached(window, workspace, tasks, nobody):
    controller = DataController(window, workspace, tasks)
    use(workspace, "local", nobody)
    await controller.show()
    window.page.show_notice("info", "Something else.")
    use(workspace, "library", nobody)
    await controller.show()
    assert window.page.notice.text == "Something else."


def embed_by(workspace, server):
    settings = workspace.clients.settings.model_copy()
    settings.configure(embedder="openai", embedder_model="scripted-embedding")
    settings.configure(embedder_api_base=server.openai_address)
    workspace.clients.settings = settings


async def until(window, holds):
    for _ in range(500):
        if holds():
            return window.status.data_text
        await asyncio.sleep(0.01)
    pytest.fail(window.status.data_text)


async def test_the_status_bar_says_how_much_is_embedded_until_all_is(window, workspace, tasks):
    await workspace.clients.store().insert("Notes", [{"text": f"note {number}"} for number in range(40)])
    with EmbeddingServer(troubles=[Slow(2.5)]) as server:
        embed_by(workspace, server)
        await DataController(window, workspace, tasks).show()
        said = await until(window, lambda: "embedded" in window.status.data_text)
        assert said == "Local library · 1 collection · 0 % embedded"
        said = await until(window, lambda: "embedded" not in window.status.data_text)
        assert said == "Local library · 1 collection"
        assert sum(text.startswith("note ") for text in server.texts) == 40
        assert window.page.notice is None


async def test_how_many_texts_are_refused_and_why_is_told(window, workspace, tasks):
    await workspace.clients.store().insert("Notes", [{"text": f"note {number}"} for number in range(3)])
    with EmbeddingServer() as server:
        taking = server.take

        def take(asked):
            refused = Fail(400, "There are numbers in it.") if "note 1" in asked.texts else None
            return taking(asked) or refused

        server.take = take
        embed_by(workspace, server)
        await DataController(window, workspace, tasks).show()
        await until(window, lambda: window.page.notice is not None)
        assert window.status.data_text == "Local library · 1 collection · 1 not embedded"
        assert window.page.notice.text.startswith("1 text could not be embedded: http://127.0.0.1")
        assert "There are numbers in it." in window.page.notice.text


async def test_what_keeps_texts_from_being_embedded_is_told_once(window, workspace, tasks):
    await workspace.clients.store().insert("Notes", [{"text": "a note"}])
    with EmbeddingServer() as server:
        server.always = Fail(401, "That key is not known.")
        embed_by(workspace, server)
        await DataController(window, workspace, tasks).show()
        await until(window, lambda: window.page.notice is not None)
        assert "key" in window.page.notice.text
        window.page.close_notice()
        await asyncio.sleep(1.2)
        assert window.page.notice is None
        await tasks.close()
