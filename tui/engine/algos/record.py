"""Algos as text for the journal, and back."""

from decimal import Decimal

import msgspec

from tui.engine.algos.plan import Algo, AlgoPlan, AlgoState, ChasePlan, IcebergPlan, ScalePlan, TwapPlan

_PLANS: dict[str, type[AlgoPlan]] = {
    "ScalePlan": ScalePlan,
    "ChasePlan": ChasePlan,
    "TwapPlan": TwapPlan,
    "IcebergPlan": IcebergPlan,
}


class _Record(msgspec.Struct):
    """An algo with its plan's kind, which the plan itself does not say."""

    name: str
    kind: str
    plan: msgspec.Raw
    state: AlgoState
    started_ms: int
    filled: Decimal = Decimal(0)
    average_price: Decimal | None = None
    sent: int = 0
    reason: str = ""


def written(algo: Algo) -> str:
    """The text of an algo."""
    record = _Record(
        algo.name,
        type(algo.plan).__name__,
        msgspec.Raw(msgspec.json.encode(algo.plan)),
        algo.state,
        algo.started_ms,
        algo.filled,
        algo.average_price,
        algo.sent,
        algo.reason,
    )
    return msgspec.json.encode(record).decode()


def read(text: str) -> Algo:
    """The algo that a text tells of; raises ValueError for one that tells of none."""
    try:
        record = msgspec.json.decode(text, type=_Record)
        plan: AlgoPlan = msgspec.json.decode(record.plan, type=_PLANS[record.kind])
    except (msgspec.DecodeError, KeyError) as error:
        raise ValueError(f"not an algo: {error}") from error
    return Algo(
        record.name,
        plan,
        record.state,
        record.started_ms,
        record.filled,
        record.average_price,
        record.sent,
        None,
        record.reason,
    )
