"""Where the passphrase of the keyring file comes from."""

import os
from pathlib import Path

from keyring.errors import KeyringLocked

from tui.cli.hidden_input import NoAnswerError, NoTerminalError, ask_hidden
from tui.keys.secret import Secret

#: Names a file with the passphrase, for programs that run without a person; read only, never written.
VARIABLE = "BINANCE_TUI_PASSPHRASE_FILE"
_SHORTEST = 8


def ask_passphrase(is_new: bool) -> Secret:
    """The passphrase, from the file that the variable names or from the terminal; a new one is asked for twice.

    Raises KeyringLocked where neither gives one.
    """
    named = os.environ.get(VARIABLE)
    try:
        if named:
            return of_length(Secret(Path(named).read_text(encoding="utf-8").strip("\r\n")), is_new)
        if not is_new:
            return Secret(ask_hidden("Passphrase of the keyring file: "))
        first = of_length(Secret(ask_hidden("Choose a passphrase for the keyring file: ")), is_new)
        if ask_hidden("Once more: ") != first.reveal():
            raise KeyringLocked("the two passphrases differ")
    except NoTerminalError:
        raise KeyringLocked(
            f"its passphrase is needed and there is no terminal to ask at; {VARIABLE} may name a file that holds it"
        ) from None
    except NoAnswerError:
        raise KeyringLocked("no passphrase was given") from None
    except (OSError, UnicodeDecodeError) as error:
        raise KeyringLocked(f"{VARIABLE} names {named}, which cannot be read: {error}") from None
    return first


def of_length(passphrase: Secret, is_new: bool) -> Secret:
    """The passphrase; raises KeyringLocked for a new one that is too short."""
    if is_new and len(passphrase.reveal()) < _SHORTEST:
        raise KeyringLocked(f"the passphrase needs at least {_SHORTEST} characters")
    return passphrase
