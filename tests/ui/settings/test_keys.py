from elysia_desktop.ui.settings.keys import Keys


def test_places_are_told_in_words():
    keys = Keys.kept({"A": "keyring", "B": "session", "C": "keyring"}, "", {"C"})
    assert keys.known("A") == "saved in the system keyring"
    assert keys.known("B") == "kept until the application ends"
    assert keys.known("C") == "from the environment"
    assert keys.known("D") == ""


def test_an_entered_key_is_at_hand_and_a_removed_one_is_not():
    keys = Keys.kept({"A"}, "", set())
    assert keys.at_hand("A")
    assert not keys.at_hand("B")
    keys.enter("A", "")
    keys.enter("B", "b")
    assert not keys.at_hand("A")
    assert keys.at_hand("B")
    keys.enter("A", None)
    assert keys.at_hand("A")


def test_entered_keys_are_in_no_repr():
    keys = Keys()
    keys.enter("A", "s3cret")
    assert "s3cret" not in repr(keys)
