import pytest

from elysia_desktop.stores.files.reading import read_text


def read(body, head=""):
    return read_text("a.html", f"<html><head>{head}</head><body>{body}</body></html>")


def test_what_nobody_sees_is_left_out():
    page = read(
        "<script>a()</script><style>b {}</style><nav>Home</nav><!-- c --><noscript>d</noscript><template>e</template>"
        "<svg><text>f</text></svg><div role='navigation'>g</div><p hidden>h</p><iframe src='http://localhost/i'>i</iframe>"
        "<p>Seen</p><img src='http://localhost/j.png' alt='A bridge'>",
        "<title>The\n title</title><meta name=description content=k>",
    )
    assert page.text == "Seen\n\nA bridge"
    assert page.title == "The title"


def test_paragraphs_lines_lists_and_links_are_read_as_they_are_seen():
    page = read(
        "<p>One  <b>two</b>\n <a href='https://example.org'>three</a><br>four</p>five"
        "<ul><li>six</li><li><p>seven</p></li></ul><ol><li>eight<li>nine</ol><pre>  a\n    b</pre>"
        "<dl><dt>Term</dt><dd>Meaning</dd></dl>"
    )
    assert page.text == (
        "One two three\nfour\n\nfive\n\n- six\n\n- seven\n\n1. eight\n2. nine\n\n  a\n    b\n\nTerm\nMeaning"
    )


def test_headings_have_levels_and_no_links_to_themselves():
    page = read("<h1>One <em>and</em></h1><p>a</p><h3>Two<a href='#two'>¶</a></h3>")
    assert [(heading.level, heading.text, heading.start) for heading in page.headings] == [
        (1, "One and", 0),
        (3, "Two", 12),
    ]


def test_a_row_of_a_table_is_a_line_whatever_is_in_its_cells():
    page = read(
        "<table><caption>Prices</caption><tr><th>Ware<th>Price</tr><tr><td><p>Rope</p><p>thick</p><td>12<br>50</tr>"
        "<tr><td><ul><li>a<li>b</ul><td>3</tr></table>after"
    )
    assert page.text == "Prices\n\nWare | Price\nRope thick | 12 50\na b | 3\n\nafter"


def test_tables_that_lay_out_a_page_are_no_rows():
    page = read(
        "<table><tr><td><h2>One</h2><p>a</p></td><td><table><tr><td>b<td>c</tr></table></td></tr></table>"
    )
    assert page.text == "One\n\na\n\nb | c"
    assert [heading.text for heading in page.headings] == ["One"]


@pytest.mark.parametrize("tag", ["div", "table", "b", "ul", "section"])
@pytest.mark.parametrize("depth", [400, 100_000])
def test_a_page_may_be_nested_as_deep_as_it_likes(tag, depth):
    page = read(f"<{tag}>" * depth + "Deep &amp; down" + f"</{tag}>" * depth + "<p>after</p>")
    assert "Deep & down" in page.text
    assert "after" in page.text
    assert bool(page.note) == (depth > 400)


def test_styles_that_are_opened_again_in_every_paragraph_do_not_fill_the_memory():
    page = read("".join(f"<font size={n}>" for n in range(2_000)) + "<p>word" * 200_000)
    assert page.text.count("word") == 200_000
    assert "nested too deeply" in page.note


def test_a_long_page_of_paragraphs_that_are_never_closed_is_a_page_like_others():
    page = read("<h1>One</h1>" + "<p>word<ul><li>a<li>b</ul>" * 5_000)
    assert page.note == ""
    assert len(page.headings) == 1


@pytest.mark.parametrize(
    "code",
    [
        f"<script>{'for (i=0; i<n; i++) a<b; ' * 20_000}</script>",
        f"<style>{'a::after {content: <b>} ' * 10_000}</style>",
        "<svg viewBox='0 0 9 9'>" + "<path d='M0'/>" * 20_000 + "</svg>",
        f"<!-- {'<div>' * 20_000} -->",
        "<!-- <script> --><svg/>",
    ],
)
def test_what_looks_like_tags_in_code_and_drawings_does_not_make_a_page_tangled(code):
    page = read(f"<h1>Bridges</h1><p>Before.</p>{code}<p>After.</p><scripted>Kept.</scripted>")
    assert page.text == "Bridges\n\nBefore.\n\nAfter.\n\nKept."
    assert [heading.text for heading in page.headings] == ["Bridges"]
    assert page.note == ""


def test_a_tangled_page_is_read_without_its_code():
    page = read(f"<script>let secret</script>{'<div>' * 20_000}Seen.")
    assert page.text.strip() == "Seen."


@pytest.mark.parametrize("code", ["<svg>", "<p>t</p><script>", "<!--"])
def test_code_that_never_ends_is_read_in_no_time(code):
    assert read_text("a.html", f"<p>Seen.</p>{code * 100_000}").text.strip().startswith("Seen.")


def test_no_entity_of_a_file_is_loaded():
    page = read_text(
        "a.html", '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/hostname">]><html><p>a &x; b</p></html>'
    )
    assert "a &x; b" in page.text
