from elysia_desktop.engine.analysis.earlier import digest, take_over


def metadata(summary="", prompts=(), price="", **vector):
    return {
        "summary": summary,
        "prompts": list(prompts),
        "fields": [{"name": "price", "description": price}],
        "named_vectors": [{"name": "plot", "enabled": True, "description": "", **vector}],
    }


def test_what_a_person_wrote_is_taken_over():
    new = metadata("New.", ["What is new?"], "a number")
    take_over(metadata("Mine.", ["Old?"], "In pounds", enabled=False, description="The plot"), new, {"Old."})
    assert new == metadata("Mine.", ["What is new?"], "In pounds", enabled=False, description="The plot")


def test_a_summary_that_no_person_wrote_is_replaced():
    for old in ("Old.", "", None):
        new = metadata("New.")
        take_over(metadata(old), new, {"Old."})
        assert new["summary"] == "New."


def test_what_is_new_fills_in_what_was_empty_and_the_other_way_round():
    new = metadata("", [], "a number")
    take_over({"summary": "Old.", "prompts": ["Old?"], "named_vectors": None}, new, set())
    assert new == metadata("Old.", ["Old?"], "a number")


def test_a_digest_tells_what_is_the_same_whatever_the_order_of_its_keys():
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1})
    assert len({digest(None), digest({}), digest({"a": 1}), digest({"a": 1.5}), digest("half \ud83d")}) == 5
