from pathlib import Path

from elysia_desktop.stores.files import readers
from elysia_desktop.stores.files.readers import READERS


def test_every_module_is_a_reader_in_the_table():
    modules = {path.stem for path in Path(readers.__file__).parent.glob("*.py")} - {"__init__"}
    assert {read.__module__.rpartition(".")[2] for read in READERS.values()} == modules
