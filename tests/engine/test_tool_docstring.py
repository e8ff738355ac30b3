import pytest
from hypothesis import given
from hypothesis import strategies as st

from elysia_desktop.engine.tool_docstring import read_docstring


def reading(text):
    class Documented:
        __doc__ = text

    return read_docstring(Documented)


GOOGLE = """
    Add two numbers.

    Exactly so: no rounding.

    Args:
        x: The first number,
            which may: be long.
        y (Optional[tuple(int)]): The second: a fraction.
        *rest, **more: Whatever else.
        how:
            A way.

    Returns:
        x: The sum.

    Note:
        It is fast.
    """

NUMPY = """
    Add two numbers.

    Exactly so: no rounding.

    Parameters
    ----------
    x : int
        The first number,
        which may: be long.
    y : float, optional
        The second: a fraction.
    *rest, **more
        Whatever else.
    how : {"a", "b"}
        A way.

    Returns
    -------
    x : int
        The sum.

    Note
    ----
    It is fast.
    """

SPHINX = """
    Add two numbers.

    Exactly so: no rounding.

    :param x: The first number,
        which may: be long.
    :type x: int
    :param float y: The second: a fraction.
    :param rest: Whatever else.
    :keyword more: Whatever else.
    :arg how: A way.
    :returns: The sum,
        x: as a number.
    :rtype: int
    :raises ValueError: Never.

    Note:
        It is fast.
    """


@pytest.mark.parametrize("text", [GOOGLE, NUMPY, SPHINX], ids=["Google", "NumPy", "Sphinx"])
def test_arguments_are_told_apart_from_the_rest(text):
    read = reading(text)
    assert read.arguments == {
        "x": "The first number, which may: be long.",
        "y": "The second: a fraction.",
        "rest": "Whatever else.",
        "more": "Whatever else.",
        "how": "A way.",
    }
    told = " ".join(read.summary.split())
    assert told.startswith("Add two numbers. Exactly so: no rounding. Note")
    assert told.endswith("It is fast.")
    assert "sum" not in told


def test_words_after_a_section_belong_to_the_whole():
    read = reading("Add.\n\nArgs:\n    x: A number.\n\nUse it: for numbers only.")
    assert read.arguments == {"x": "A number."}
    assert read.summary == "Add.\n\nUse it: for numbers only."


@pytest.mark.parametrize("text", [None, "", "  \n "])
def test_no_docstring_says_nothing(text):
    assert reading(text).summary == ""
    assert reading(text).arguments == {}


def test_several_numpy_sections_end_each_other():
    text = "Add.\n\nParameters\n----------\nx, y : int\n    Numbers.\n\nOther Parameters\n---------------\nz\n    More."
    assert reading(text).arguments == {"x": "Numbers.", "y": "Numbers.", "z": "More."}


@given(st.text(alphabet="ab: \n-(),*x", max_size=80))
def test_any_text_can_be_read(text):
    read = reading(text)
    assert all(name.isidentifier() or name.isalnum() for name in read.arguments)


@given(
    st.lists(
        st.sampled_from(["Add.", "", "Args:", "    x: a", "---", ":param x: b", "Returns:"]), max_size=12
    )
)
def test_any_order_of_parts_can_be_read(lines):
    assert set(reading("\n".join(lines)).arguments) <= {"x"}
