import pytest
from conformance.stores import library, weaviate


@pytest.fixture(params=["library", "weaviate"])
async def store(request, tmp_path):
    """Each store in turn; what is made in it is dropped afterwards."""
    if request.param == "library":
        opening = library(tmp_path)
    else:
        node = request.getfixturevalue("weaviate_node")
        opening = weaviate(node.port, node.grpc_port)
    async with opening as opened:
        yield opened
        for info in await opened.collections():
            await opened.drop(info.name)
