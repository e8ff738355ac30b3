from ui.files.files import a_source

from elysia_desktop.ui.files.adding import MOST_AT_ONCE, Words, sorted_out


def test_folders_and_what_is_not_there_are_refused_in_words(tmp_path):
    good = tmp_path / "a.md"
    good.write_text("words")
    given = sorted_out([good, tmp_path, tmp_path / "gone.pdf", good])
    assert given.files == [good]
    assert [refusal[:2] for refusal in given.refusals] == [
        (tmp_path.name, "Folders cannot be attached."),
        ("gone.pdf", "There is no such file."),
    ]


def test_too_many_files_are_refused_as_a_whole(tmp_path):
    paths = [tmp_path / f"{number}.txt" for number in range(MOST_AT_ONCE + 1)]
    for path in paths:
        path.touch()
    given = sorted_out(paths)
    assert given.files == []
    assert given.refusals[0][1].startswith("These are 51 files; at most 50")


def test_too_many_files_beside_a_folder_are_not_counted_as_one(qapp, tmp_path):
    paths = [tmp_path / f"{number}.txt" for number in range(MOST_AT_ONCE + 1)]
    for path in paths:
        path.touch()
    said, _ = Words().refused(sorted_out([*paths, tmp_path]).refusals, [])
    assert said == "Nothing was attached."


def test_each_refused_file_is_told_with_its_reason(qapp):
    words = Words()
    said, hint = words.refused([("a.exe", "Not a document.", "Save it as PDF."), ("b", "Damaged.", "")], [])
    assert said == "2 files were not attached."
    assert hint == "a.exe: Not a document. Save it as PDF.\nb: Damaged."
    _, hint = words.refused([("a.pdf", "“a.pdf” is damaged.", "Get it again.")], [])
    assert hint == "“a.pdf” is damaged. Get it again."
    said, hint = words.refused([], [a_source("c", note="Page 3 is a picture.")])
    assert said == "Not all of it could be read."
    assert hint == "c.pdf: Page 3 is a picture."
    _, hint = words.refused([(f"{n}.exe", "No.", "") for n in range(20)], [])
    assert hint.endswith("… and 14 more.")
