"""Passages are found in scripts that put no blanks between words."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stores.files.shelves import names_found, place
from stores.library.embedders import WordEmbedder

from elysia_desktop.stores.files.unspaced import MOST_PAIRS, pairs_in

TEXTS = {
    "東京.txt": "私は東京都に住んでいます。毎日電車で通勤します。",
    "京都.txt": "京都には寺がたくさんあります。",
    "bangkok.txt": "ฉันอยู่กรุงเทพ ไปทำงานด้วยรถไฟ",
    "seoul.txt": "서울에서 지하철을 탑니다.",
    "english.txt": "The train to Tokyo leaves at noon.",
}


@contextlib.asynccontextmanager
async def with_texts(root, embedder=None):
    async with place(root, embedder) as profile:
        _, files = await profile.begin()
        for name, text in TEXTS.items():
            await files.add_text(name, text)
        await profile.library.embed_pending()
        yield files


@pytest.fixture
async def files(tmp_path):
    async with with_texts(tmp_path) as files:
        yield files


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("東京", "東京.txt"),
        ("東京の電車はどこですか", "東京.txt"),
        ("寺", "京都.txt"),
        ("กรุงเทพ", "bangkok.txt"),
        ("지하철", "seoul.txt"),
        ("train noon", "english.txt"),
    ],
)
async def test_a_word_is_found_within_a_text_without_blanks(files, text, first):
    assert (await names_found(files, text))[0] == first


async def test_what_holds_more_of_a_question_comes_first(files):
    found = await files.search("東京都の電車")
    assert found[0].name == "東京.txt"
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


async def test_beside_what_is_near_in_meaning_it_is_found_as_well(tmp_path):
    async with with_texts(tmp_path, WordEmbedder()) as files:
        for text in ("東京", "東京都の電車"):
            assert "東京.txt" in (await names_found(files, text))[:2]


async def test_the_limit_and_the_files_asked_for_hold_here_too(files):
    assert await names_found(files, "東京", limit=1) == ["東京.txt"]
    assert await names_found(files, "東京", document_ids=["京都.txt"]) in ([], ["京都.txt"])


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("plain words", ()),
        ("東京都", ("東京", "京都")),
        ("a 東 b", ("東",)),
        ("東京 x 東京", ("東京",)),
        ("。！", ()),
    ],
)
def test_pairs_are_those_of_neighbours(text, pairs):
    assert pairs_in(text) == pairs


@given(st.text())
def test_pairs_are_few_and_stand_in_the_text(text):
    pairs = pairs_in(text)
    assert len(pairs) <= MOST_PAIRS
    assert all(set(pair) <= set(text) for pair in pairs)
