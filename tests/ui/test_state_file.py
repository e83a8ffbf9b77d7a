"""The file of what the screen remembers: private, whole or not at all, and never in the way."""

from pathlib import Path

from tui.ui.state_file import StateFile, table, texts


def test_what_was_put_is_there_again(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "screen.json"
    StateFile(path).put("lists", {"a": [1, "zwei"]})
    again = StateFile(path)
    assert again.section("lists") == {"a": [1, "zwei"]}
    assert again.section("other") is None
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_written_behind_holds_the_last_of_everything_that_was_put(tmp_path: Path) -> None:
    path = tmp_path / "screen.json"
    state = StateFile(path, is_behind=True)
    for number in range(50):
        state.put("a", number)
        state.put(f"b{number % 3}", [number])
    state.finish()
    assert [StateFile(path).section(name) for name in ("a", "b0", "b1", "b2")] == [49, [48], [49], [47]]
    state.put("a", "later")
    state.finish()
    assert StateFile(path).section("a") == "later"


def test_writing_the_same_again_does_not_touch_the_file(tmp_path: Path) -> None:
    path = tmp_path / "screen.json"
    state = StateFile(path)
    state.put("a", 1)
    path.unlink()
    state.put("a", 1)
    assert not path.exists()


def test_a_file_that_means_nothing_is_put_aside_and_told(tmp_path: Path) -> None:
    path = tmp_path / "screen.json"
    path.write_text("[1")
    state = StateFile(path)
    assert "screen.json.unread" in state.complaint
    assert (tmp_path / "screen.json.unread").read_text() == "[1"
    state.put("a", 1)
    assert StateFile(path).section("a") == 1


def test_a_file_that_cannot_be_written_is_told_and_costs_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    state = StateFile(tmp_path / "file" / "screen.json")
    state.put("a", 1)
    assert state.complaint
    assert state.section("a") == 1


def test_without_a_path_it_remembers_for_this_run() -> None:
    state = StateFile()
    state.put("a", [1])
    assert state.section("a") == [1]


def test_reading_takes_only_what_is_of_the_kind() -> None:
    assert texts(["a\x1b[2J", 7, None, "b"]) == ["a[2J", "b"]
    assert texts("ab") == []
    assert table([1]) == {}
