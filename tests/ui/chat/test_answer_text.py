from ui.chat.runs import CITED

from elysia_desktop.ui.chat.answer_text import answer_text


def test_citations_are_numbered_in_order_of_appearance_and_aggregates_apart():
    labels = answer_text(CITED).labels
    assert labels == {"query_Products_0_0": "1", "aggregate_Products_0_0": "A1", "query_Products_0_1": "2"}


def test_an_object_cited_twice_keeps_its_number():
    parts = [{"text": "One.", "ref_ids": ["a"]}, {"text": "Two.", "ref_ids": ["b", "a"]}]
    assert answer_text({"objects": parts}).labels == {"a": "1", "b": "2"}


def test_what_is_copied_holds_no_citations():
    assert answer_text(CITED).words == "The **tent** leads with 4.8. Price is a weak guide."


def test_punctuation_follows_without_a_space():
    assert answer_text({"objects": [{"text": "4.8"}, {"text": ", then 4.7"}]}).words == "4.8, then 4.7"


def test_list_items_stay_on_their_own_lines():
    assert answer_text({"objects": [{"text": "* a"}, {"text": "* b"}]}).words == "* a\n* b"


def test_a_citation_does_not_become_part_of_a_table_or_fence():
    markdown = answer_text({"objects": [{"text": "```\ncode\n```", "ref_ids": ["a"]}]}).markdown
    assert "```\n\n[" in markdown


def test_a_ref_id_with_markup_in_it_stays_one_address():
    markdown = answer_text({"objects": [{"text": "x", "ref_ids": ["a) b"]}]}).markdown
    assert "(ref:a%29%20b)" in markdown


def test_an_empty_payload_is_an_empty_answer():
    assert answer_text({}).words == ""
