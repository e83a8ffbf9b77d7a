"""Recordings as files: what is written, what is left out, and what is said of files that are none."""

import errno
import json
import os
import stat
import threading

import pytest

from tui.binance import recording
from tui.binance.recording import Recorder, RecordingError
from tui.binance.replay_file import RestKey, read_frames, survey
from tui.binance.scrub import scrub_frame, scrub_url
from tui.domain.product import Product

SECRET = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
STREAM = "wss://stream.example/stream"
DEPTH = b'{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","b":[["0.00000100","1.10"]]}}'
INFO = '{"t":1,"product":"spot","kind":"rest","url":"https://a.example/api/v3/exchangeInfo","data":{"symbols":[]}}\n'
FRAME = '{"t":2,"product":"spot","kind":"ws","url":"wss://a.example/stream","data":{"stream":"x@aggTrade","data":{}}}\n'


def recorded(path, *frames):
    recorder = Recorder(path)
    for kind, url, frame in frames:
        recorder.tap(Product.SPOT)(kind, url, frame)
    recorder.close()
    return path.read_bytes()


def test_a_frame_is_kept_byte_for_byte_in_a_file_of_its_owner(tmp_path):
    path = tmp_path / "a.jsonl"
    line = recorded(path, ("ws", STREAM, DEPTH))
    assert line.endswith(b'"product":"spot","kind":"ws","url":"wss://stream.example/stream","data":' + DEPTH + b"}\n")
    assert json.loads(line)["t"] > 1_600_000_000 * 10**9
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_is_no_json_is_kept_as_text_and_broken_lines_stay_one_line(tmp_path):
    lines = recorded(
        tmp_path / "a", ("ws", STREAM, DEPTH[:40]), ("ws", STREAM, b'{"id":1,\r\n"result":null}')
    ).splitlines()
    assert [json.loads(line)["data"] for line in lines] == [DEPTH[:40].decode(), {"id": 1, "result": None}]


@pytest.mark.parametrize(
    "frame",
    [
        f'{{"listenKey":"{SECRET}"}}',
        '{"listenKey":"short"}',
        f'{{"e":"x","p":1.10,"deep":[{{"note":"key {SECRET}"}}]}}',
        f"broken {SECRET}",
        "[" * 3_000 + f'"{SECRET}"' + "]" * 3_000,
        f'{{"token":"short","n":1e{"9" * 40},"x":"{SECRET}"}}',
        '{"a":"' + "1," * 40_000 + f'","token":"{SECRET}","signature":"short"}}',
    ],
)
def test_no_secret_is_written(tmp_path, frame):
    line = recorded(tmp_path / "a", ("ws", f"wss://a.example:9443/private/ws/{SECRET}", frame.encode()))
    assert SECRET.encode() not in line
    assert b"short" not in line
    assert json.loads(line)["url"] == "wss://a.example:9443/private/ws/[removed]"


def test_numbers_beside_a_secret_keep_every_digit():
    scrubbed = scrub_frame(b'{"p":1.10,"q":"0.00000100","token":"x"}')
    assert scrubbed == b'{"p":1.10,"q":"0.00000100","token":"[removed]"}'


def test_an_address_loses_signature_and_password_and_nothing_else():
    url = f"https://user:{SECRET}@a.example/api/v3/depth?symbol=BTCUSDT&limit=1000&signature=abc&listenKey={SECRET}"
    expected = "https://a.example/api/v3/depth?symbol=BTCUSDT&limit=1000&signature=[removed]&listenKey=[removed]"
    assert scrub_url(url) == expected


def test_frames_that_cannot_be_written_in_time_are_lost_and_counted(tmp_path, monkeypatch):
    go_on = threading.Event()
    write = recording._write
    monkeypatch.setattr(recording, "_write", lambda file, lines: go_on.wait() and write(file, lines))
    recorder = Recorder(tmp_path / "a", waiting_bytes=3 * len(DEPTH))
    for _ in range(5):
        recorder.tap(Product.SPOT)("ws", STREAM, DEPTH)
    go_on.set()
    recorder.close()
    assert (recorder.written, recorder.lost) == (3, 2)


def test_a_full_disk_ends_the_recording_and_says_so(tmp_path, monkeypatch):
    def full(file, lines):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(recording, "_write", full)
    recorder = Recorder(tmp_path / "a")
    recorder.tap(Product.SPOT)("ws", STREAM, DEPTH)
    recorder.close()
    assert recorder.failure.endswith("cannot be written: No space left on device")


def test_a_file_that_holds_something_is_left_alone(tmp_path):
    path = tmp_path / "a"
    path.write_text("mine")
    with pytest.raises(RecordingError, match="holds something already"):
        Recorder(path)
    assert path.read_text() == "mine"


def test_a_pipe_or_device_keeps_the_rights_it_has(tmp_path):
    """Recording into /dev/null as root closed it to everybody else."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    path.chmod(0o666)
    with path.open("r+b", buffering=0):
        Recorder(path).close()
        assert path.stat().st_mode & 0o777 == 0o666


def test_a_line_cut_off_by_a_kill_is_passed_over(tmp_path):
    path = tmp_path / "a"
    path.write_text(INFO + FRAME + FRAME[:50])
    assert [frame.stream for frame in read_frames(path)] == ["", "x@aggTrade"]
    assert survey(path).answers == {(Product.SPOT, RestKey("/api/v3/exchangeInfo")): 1}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (INFO + "nonsense\n" + FRAME, "line 2: not a frame"),
        (INFO + FRAME.replace("spot", "stocks"), "line 2: not a frame"),
        (INFO + FRAME.replace('"t":2', '"t":"two"'), "line 2: not a frame"),
        ("nonsense", "line 1: not a frame"),
        ("\x00\xff\n", "line 1: not a frame"),
        ("", "holds no frame"),
        (FRAME, "holds no list of Spot symbols"),
    ],
)
def test_a_file_that_is_no_recording_is_refused_with_the_line(tmp_path, text, words):
    path = tmp_path / "a"
    path.write_text(text)
    with pytest.raises(RecordingError, match=words):
        survey(path)


@pytest.mark.parametrize("data", ["[]", "7", '"text"', '{"stream":7}', '{"id":1.5}', "[" * 3_000 + "]" * 3_000])
def test_nonsense_that_was_received_is_no_fault_of_the_recording(tmp_path, data):
    path = tmp_path / "a"
    path.write_text(INFO + f'{{"t":2,"product":"spot","kind":"ws","url":"wss://a.example/stream","data":{data}}}\n')
    assert [frame.stream for frame in read_frames(path)][1:] == (["?"] if len(data) < 3_000 else [])


def test_a_missing_file_is_said_to_be_missing(tmp_path):
    with pytest.raises(RecordingError, match="No such file"):
        survey(tmp_path / "none")
