import pytest
from state.loops import quiet

from elysia_desktop.state.bridge import Bridge


@pytest.fixture
def bridge():
    made = Bridge()
    yield made
    made.close()


@pytest.fixture
def state():
    """A state manager that asks no model; somebody has asked it “What?”."""
    with quiet() as made:
        yield made
