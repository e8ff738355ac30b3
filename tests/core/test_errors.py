from elysia_desktop.core.errors import ElysiaError, InvalidAnswer, MissingKey, QueryRejected, ToolError


def test_an_error_says_what_happened_and_what_to_do():
    error = MissingKey("No key.", "Enter one.")
    assert (str(error), error.hint, error.sentence) == ("No key.", "Enter one.", "No key. Enter one.")
    assert ElysiaError("No.").sentence == "No."
    assert all(issubclass(kind, ElysiaError) for kind in (QueryRejected, InvalidAnswer, ToolError))


def test_what_exists_is_told_nearest_first():
    error = QueryRejected.unknown("collection", "Film", ["Actors", "Cinemas", "Films"])
    assert str(error) == "There is no collection “Film”."
    assert error.hint == "Use one of: Films, Actors, Cinemas."


def test_capitals_do_not_hide_what_is_near():
    assert (
        QueryRejected.unknown("collection", "FILMS", ["Actors", "Films"]).hint == "Use one of: Films, Actors."
    )


def test_two_names_that_differ_by_capitals_are_both_told():
    hint = QueryRejected.unknown("property", "ti", ["title", "Title"], "Films").hint
    assert "title" in hint
    assert "Title" in hint


def test_a_long_list_is_cut_and_an_empty_one_is_said():
    assert QueryRejected.unknown("property", "x", [f"p{n}" for n in range(40)]).hint.endswith(", ….")
    error = QueryRejected.unknown("property", "x", [], "Films")
    assert error.sentence == "There is no property “x” in Films. There are none in Films yet."


def test_what_is_told_can_be_shown_whatever_the_name():
    error = QueryRejected.unknown("collection", "Fil\ud800m", ["Films\udfff"])
    assert str(error) == "There is no collection “Fil?m”."
    assert error.hint == "Use one of: Films?."
