"""How the exchange says no."""


class Rejection(Exception):
    """A request refused with Binance's own code and words; `http` is the status of the reply, `data` what it adds."""

    def __init__(self, code: int, msg: str, http: int = 400, data: object = None) -> None:
        super().__init__(f"{code} {msg}")
        self.code = code
        self.msg = msg
        self.http = http
        self.data = data
