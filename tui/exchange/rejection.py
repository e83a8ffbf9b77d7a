"""How the exchange says no."""


class Rejection(Exception):
    """A request refused with Binance's own code and words; `http` is the status of the reply, `data` what it adds."""

    def __init__(self, code: int, msg: str, http: int = 400, data: object = None) -> None:
        super().__init__(f"{code} {msg}")
        self.code = code
        self.msg = msg
        self.http = http
        self.data = data


def missing(name: str) -> Rejection:
    """-1102 for one parameter."""
    return Rejection(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")


def not_required(name: str) -> Rejection:
    """-1106 for one parameter."""
    return Rejection(-1106, f"Parameter '{name}' sent when not required.")


def illegal(name: str, legal_range: str) -> Rejection:
    """-1100 for one parameter."""
    return Rejection(-1100, f"Illegal characters found in parameter '{name}'; legal range is '{legal_range}'.")


def invalid(name: str) -> Rejection:
    """-1130 for one parameter."""
    return Rejection(-1130, f"Data sent for parameter '{name}' is not valid.")
