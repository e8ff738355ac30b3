import pytest
from stores.library.asking import Asker

from elysia_desktop.core.schema import CollectionSchema, Property
from elysia_desktop.stores.library import Library


@pytest.fixture
async def library(tmp_path):
    opened = Library(tmp_path / "library")
    yield opened
    await opened.close()


@pytest.fixture
async def films(library):
    """A library with a small collection of films."""
    await library.create(
        CollectionSchema(
            name="Films",
            properties=(
                Property(name="title", type="text"),
                Property(name="plot", type="text"),
                Property(name="year", type="int"),
                Property(name="rating", type="float"),
                Property(name="seen", type="boolean"),
                Property(name="premiere", type="date"),
                Property(name="tags", type="text[]"),
                Property(name="crew", type="object"),
            ),
        )
    )
    report = await library.insert(
        "Films",
        [
            {
                "uuid": f"00000000-0000-0000-0000-00000000000{9 - index}",
                "title": title,
                "plot": plot,
                "year": year,
                "tags": tags,
            }
            for index, (title, plot, year, tags) in enumerate(
                [
                    ("Alien", "A crew meets a creature in space.", 1979, ["horror", "space"]),
                    ("Amélie", "A shy waitress mends the lives of others.", 2001, ["romance"]),
                    ("Solaris", "A psychologist in space meets his wife. Space thinks.", 1972, ["space"]),
                    ("Untitled", None, None, None),
                ]
            )
        ],
    )
    assert report.rejected == []
    return library


@pytest.fixture(scope="module")
def answer(tmp_path_factory):
    """Asks one library, which holds what is given and nothing else; `answer(objects, ask)`."""
    asker = Asker(tmp_path_factory.mktemp("asked"))
    yield asker
    asker.close()
