"""What can be done with keys, each as questions and one step that takes long."""

from collections.abc import Callable, Sequence

from tui.keys.key_material import KeyMaterialError, check_api_key
from tui.ui.keys.form import Answers, Question, Task
from tui.ui.keys.key_desk import KeyDesk, KeyRow, Told, WantedKey

PRODUCTS = ("all", "spot", "futures")

_Judge = Callable[[str, Answers], str]


def add_task(desk: KeyDesk, rows: Sequence[KeyRow], preset: KeyRow | None) -> Task:
    """Keep a key; one that was generated here gets only the API key it lacks."""
    waiting = {(row.environment, row.account, row.serves) for row in rows if not row.masked}

    def lacks_only_api_key(answers: Answers) -> bool:
        wanted = wanted_of(answers)
        return (wanted.environment, wanted.account, wanted.serves) in waiting

    def refusal(text: str, answers: Answers) -> str:
        return _product_refusal(desk, text, answers, waiting)

    def run(answers: Answers) -> list[Told]:
        hidden = answers.hidden
        return desk.add(wanted_of(answers), hidden["api_key"], hidden.get("secret"), hidden.get("passphrase"))

    return Task(
        Told("ADD a key", "strong"),
        "storing the key …",
        [
            *_wanted_questions(desk, preset, refusal),
            Question("api_key", "API key", "not shown", is_hidden=True, judge=_api_key_refusal),
            Question(
                "secret",
                "Secret, or private key in PEM",
                "not shown",
                is_hidden=True,
                judge=lambda text, _: "" if text else "type or paste the secret",
                is_asked=lambda answers: not lacks_only_api_key(answers),
            ),
        ],
        run,
    )


def generate_task(desk: KeyDesk, preset: KeyRow | None) -> Task:
    """Make a pair of keys."""

    def refusal(text: str, answers: Answers) -> str:
        return _product_refusal(desk, text, answers, set())

    def run(answers: Answers) -> list[Told]:
        return desk.generate(wanted_of(answers), answers.hidden.get("passphrase"))

    return Task(
        Told("MAKE an Ed25519 pair; the private key is stored, the public key is shown", "strong"),
        "making and storing the pair …",
        _wanted_questions(desk, preset, refusal),
        run,
    )


def check_task(desk: KeyDesk, row: KeyRow) -> Task:
    """Ask what a key may do."""
    return Task(
        Told(f"CHECK {row.title} {row.masked}", "strong"),
        f"asking {row.environment} what the keys of {row.account} may do …",
        [],
        lambda answers: desk.check(row, answers.hidden.get("passphrase")),
    )


def remove_task(desk: KeyDesk, row: KeyRow) -> Task:
    """Forget a key, after its name was typed."""

    def differs(text: str, answers: Answers) -> str:
        return "" if text == row.account else f"that is not {row.account}; nothing was removed"

    return Task(
        Told(f"REMOVE {row.title}, {row.kind} {row.masked or 'not registered'}, from {row.kept_in}", "review"),
        "removing the key …",
        [Question("name", f"Type {row.account} to forget it here", judge=differs)],
        lambda answers: desk.remove(row, answers.hidden.get("passphrase")),
    )


def wanted_of(answers: Answers) -> WantedKey:
    """What the first three questions were answered with."""
    plain = answers.plain
    return WantedKey(plain["where"], plain["account"], plain["serves"])


def _wanted_questions(desk: KeyDesk, preset: KeyRow | None, refusal: _Judge) -> list[Question]:
    names = desk.environments()
    first = preset.environment if preset is not None else next((name for name in names if name == "testnet"), names[0])
    return [
        Question(
            "where",
            "Environment",
            " ".join(names),
            first,
            judge=lambda text, _: "" if text in names else f"choose one of {', '.join(names)}",
        ),
        Question("account", "Name", "as you like to call it", "main", judge=_name_refusal),
        Question("serves", "For", " ".join(PRODUCTS), "all", judge=refusal),
    ]


def _name_refusal(text: str, answers: Answers) -> str:
    is_name = 0 < len(text) <= 32 and text.isascii() and all(ch.isalnum() or ch in "-_." for ch in text)
    return "" if is_name else "up to 32 letters, digits and - _ ."


def _api_key_refusal(text: str, answers: Answers) -> str:
    try:
        check_api_key(text)
    except KeyMaterialError as error:
        return str(error)
    return ""


def _product_refusal(desk: KeyDesk, text: str, answers: Answers, waiting: set[tuple[str, str, str]]) -> str:
    if text not in PRODUCTS:
        return f"choose one of {', '.join(PRODUCTS)}"
    wanted = WantedKey(answers.plain["where"], answers.plain["account"], text)
    is_waiting = (wanted.environment, wanted.account, wanted.serves) in waiting
    return "" if is_waiting else desk.refusal(wanted)
