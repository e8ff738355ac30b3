from elysia_desktop.core.resources import resource


def test_a_shipped_file_is_found():
    assert resource("icons", "search.svg").is_file()


def test_a_path_is_given_even_where_there_is_no_file():
    path = resource("icons", "nothing.svg")
    assert path.name == "nothing.svg"
    assert not path.exists()
