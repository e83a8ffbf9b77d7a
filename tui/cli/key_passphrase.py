"""Where the passphrase of an encrypted private key comes from; apart, so that asking for it loads no keyring."""

from tui.cli.hidden_input import NoAnswerError, NoTerminalError, ask_hidden
from tui.keys.key_material import KeyMaterialError
from tui.keys.secret import Secret


def ask_key_passphrase() -> Secret:
    """The passphrase of an encrypted private key, from the terminal; raises KeyMaterialError where there is none."""
    try:
        return Secret(ask_hidden("Passphrase of the private key (not shown): "))
    except (NoTerminalError, NoAnswerError):
        raise KeyMaterialError(
            "the private key is encrypted and there is no terminal to ask for its passphrase at; keep it in a keyring"
            " instead: binance-tui keys add, or decrypt it: openssl pkey -in KEY.pem"
        ) from None
