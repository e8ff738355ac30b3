"""What all tests share."""

import pytest
from support.weaviate_server import weaviate_server


@pytest.fixture(scope="session")
def weaviate_node():
    """A running Weaviate that asks for no key; who uses it drops the collections it made."""
    with weaviate_server() as running:
        yield running
