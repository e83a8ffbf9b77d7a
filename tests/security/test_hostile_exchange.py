"""The real program in a real terminal, on an exchange that has turned against it."""

import time
from pathlib import Path

import pytest
from hostile_session import HostileSession, is_ready
from test_terminal import type_line

from tui.exchange.hostile import Attack

#: How long each attack lasts before the program must still be whole.
_LASTS_S = 0.6


#: So many on one start of the program: recovering from more would use up a minute's request weight, which both
#: futures products share.
_GROUPS = [
    (Attack.ESCAPES, Attack.MARKUP),
    (Attack.BIDI, Attack.TYPES),
    (Attack.DEEP, Attack.HUGE),
    (Attack.NOT_NUMBERS, Attack.NEGATIVE),
    (Attack.ZERO, Attack.TRUNCATED),
    (Attack.MEGABYTE, Attack.SLOW, Attack.ECHO),
]


@pytest.fixture
def session(tmp_path: Path):
    one = HostileSession(tmp_path)
    one.terminal.wait(is_ready)
    yield one
    one.close()


def resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def test_every_attack_is_tried() -> None:
    assert sorted(attack for group in _GROUPS for attack in group) == sorted(Attack)


@pytest.mark.parametrize("attacks", _GROUPS, ids=lambda group: "-".join(group))
def test_an_exchange_that_attacks(session: HostileSession, attacks: tuple[Attack, ...]) -> None:
    """Nothing outside the panes changes, nothing is obeyed, the program neither ends nor stalls, and then goes on."""
    frame, memory = session.frame(), resident_mb(session.terminal.program.pid)
    for attack in attacks:
        endure(session, attack)
        session.terminal.wait(lambda screen: session.frame_of(screen) == frame, timeout=5)
        assert session.foreign_bytes() == b"", attack
        assert session.terminal.title in ("", ";default"), attack
    assert resident_mb(session.terminal.program.pid) - memory < 100
    type_line(session.terminal, "b 0.01 @ bid-1%", "BUY 0.010")
    session.terminal.wait("working")
    assert "Internal error" not in session.log.read_text()


def endure(session: HostileSession, attack: Attack) -> None:
    """One attack, under which keys are still answered, and the way back from it."""
    terminal = session.terminal
    session.order(hostile=attack, cut=True)
    until = time.monotonic() + _LASTS_S
    while time.monotonic() < until:
        terminal.press("space")
        time.sleep(0.05)
    terminal.press(":")
    terminal.wait(lambda screen: screen.splitlines()[-2].startswith(": "), timeout=2)
    terminal.press("escape")
    assert terminal.program.poll() is None, attack
    screen = session.recover()
    assert "Internal error" not in screen, attack
    assert "working" not in screen, attack
