"""A command of the trader's own, run for each alert told: without a shell, without our secrets, not for long."""

import asyncio
import logging
import os
import signal
from collections.abc import Sequence
from contextlib import suppress

from tui.domain.text import clean
from tui.engine.messages import Messages
from tui.keys.environment_variables import without_secrets

logger = logging.getLogger(__name__)

_AT_ONCE = 4
_LONGEST = 500


class Hook:
    """Runs `command` with kind, symbol and text of an alert as three further arguments."""

    def __init__(self, command: Sequence[str], timeout_s: float, messages: Messages) -> None:
        self._command = tuple(command)
        self._timeout_s = timeout_s
        self._messages = messages
        self._running = 0

    async def run(self, kind: str, symbol: str, text: str) -> None:
        """Run it to its end, or kill it when its time is over; whatever goes wrong is told, nothing is raised."""
        if not self._command:
            return
        if self._running >= _AT_ONCE:
            self._messages.warning(f"alerts.command: {_AT_ONCE} run already, this one is left out")
            return
        self._running += 1
        try:
            await self._run(kind, symbol, clean(text, _LONGEST))
        finally:
            self._running -= 1

    async def _run(self, kind: str, symbol: str, text: str) -> None:
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                kind,
                symbol,
                text,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                env=without_secrets(os.environ),
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            self._messages.warning(f"alerts.command {self._command[0]!r} cannot be run: {error}")
            return
        try:
            async with asyncio.timeout(self._timeout_s):
                status = await process.wait()
        except TimeoutError:
            self._messages.warning(f"alerts.command took longer than {self._timeout_s:g} s and was ended")
            return
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        if status:
            self._messages.warning(f"alerts.command ended with status {status}")
