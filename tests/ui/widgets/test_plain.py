from elysia_desktop.ui.widgets.plain import menu_text, plain_tip


def test_a_tooltip_shows_markup_instead_of_obeying_it():
    assert (
        plain_tip("<img src='file:///x'>\nsecond") == "<p>&lt;img src=&#x27;file:///x&#x27;&gt;<br>second</p>"
    )


def test_no_text_is_no_tooltip():
    assert plain_tip("") == ""


def test_an_ampersand_makes_no_shortcut():
    assert menu_text("Orders & returns") == "Orders && returns"
