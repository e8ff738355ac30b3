"""Files that were reported as added survive a killed process, and of others nothing is left."""

from faults.files_killed import agrees, written_until_killed


async def test_what_was_reported_as_added_survives_a_killed_process(tmp_path):
    profile = tmp_path / "profile"
    said = await written_until_killed(profile, 0, 0.03, enough=6)
    assert await agrees(profile, 0, said) >= 3
