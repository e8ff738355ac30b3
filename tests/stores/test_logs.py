"""The log is written to rotating files."""

import logging

import pytest

from elysia_desktop.stores.logs import end_log, log_to

LOGGER = logging.getLogger("elysia_desktop.somewhere")


@pytest.fixture(autouse=True)
def log_as_it_was():
    root = logging.getLogger("elysia_desktop")
    before = (list(root.handlers), root.level, root.propagate)
    yield
    for handler in [h for h in root.handlers if h not in before[0]]:
        end_log(handler)
    root.handlers[:], root.propagate = before[0], before[2]
    root.setLevel(before[1])


def test_what_is_logged_is_in_the_file(tmp_path):
    handler = log_to(tmp_path, "INFO")
    LOGGER.info("Grüße")
    LOGGER.debug("not this")
    end_log(handler)
    text = (tmp_path / "elysia-desktop.log").read_text("utf-8")
    assert "INFO elysia_desktop.somewhere: Grüße" in text
    assert "not this" not in text


def test_it_rotates_and_stays_bounded(tmp_path):
    handler = log_to(tmp_path, "INFO")
    for number in range(50):
        LOGGER.info("%s %s", number, "x" * 100_000)
    end_log(handler)
    sizes = {path.name: path.stat().st_size for path in tmp_path.iterdir()}
    assert set(sizes) == {"elysia-desktop.log", *(f"elysia-desktop.log.{n}" for n in (1, 2, 3))}
    assert max(sizes.values()) <= 1_000_000
    assert "49 x" in (tmp_path / "elysia-desktop.log").read_text()


def test_calling_again_moves_the_log(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    first = log_to(tmp_path / "one", "INFO")
    LOGGER.info("first")
    second = log_to(tmp_path / "two", "ERROR")
    LOGGER.info("second")
    LOGGER.error("third")
    end_log(first)
    LOGGER.error("fourth")
    end_log(second)
    assert "first" in (tmp_path / "one" / "elysia-desktop.log").read_text()
    text = (tmp_path / "two" / "elysia-desktop.log").read_text()
    assert "second" not in text
    assert "third" in text
    assert "fourth" in text


def test_after_its_end_nothing_is_held(tmp_path, caplog):
    handler = log_to(tmp_path, "INFO")
    LOGGER.info("in the file")
    end_log(handler)
    end_log(handler)
    LOGGER.info("not in the file")
    assert "not in" not in (tmp_path / "elysia-desktop.log").read_text()
    assert handler.stream is None


def test_nothing_to_log_makes_no_file(tmp_path):
    end_log(log_to(tmp_path, "INFO"))
    assert list(tmp_path.iterdir()) == []
