"""What holds of the passages of every text."""

from itertools import pairwise

from elysia_desktop.stores.files.base import FileRefused
from elysia_desktop.stores.files.passages import MOST, passages_of, words_in


def kept(read):
    """The passages of a read file, after every law was checked."""
    passages = passages_of("d", read)
    assert [passage.number for passage in passages] == list(range(len(passages)))
    covered = 0
    starts = {page.page: page.start for page in read.pages}
    for passage in passages:
        assert passage.document_id == "d"
        assert passage.text == read.text[passage.start : passage.end]
        assert passage.text == passage.text.strip() != ""
        assert not read.text[covered : passage.start].strip(), "something is in no passage"
        assert words_in(passage.text) <= MOST + 40
        assert passage.end > covered
        covered = passage.end
        assert (passage.page is None) == (not read.pages)
        if passage.page is not None:
            assert starts[passage.page] <= passage.start
            assert not any(passage.start >= start > starts[passage.page] for start in starts.values())
    assert not read.text[covered:].strip(), "the end is in no passage"
    for one, other in pairwise(passages):
        assert one.start < other.start
        assert len(read.text[other.start : one.end]) <= 400, "more than a sentence is in two passages"
    return passages


def refusal(reading, *told):
    """Why something is not read, in words; None where it is read, with passages by the laws."""
    try:
        read = reading(*told)
    except FileRefused as refused:
        return str(refused)
    kept(read)
    return None
