"""Every struct of the wire against real shapes: what is new breaks nothing, what is missing is named.

`wire_shapes.jsonl` holds one payload a line with the struct that reads it, and the fields that a product, a version or
a kind of answer may lack. A field that is in none of these lists and is missing is an error that says its name.
"""

import copy
import json
from importlib import import_module
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from tui.binance.futures import event_wire, order_events, parse, reports, wire
from tui.binance.futures.event_wire import AlgoUpdate, OrderTradeUpdate
from tui.binance.futures.symbols import Names
from tui.binance.market_wire import Frame
from tui.binance.spot import events as spot_events
from tui.binance.spot import parse as spot_parse
from tui.binance.spot import wire as spot_wire
from tui.domain.order import OrderStatus
from tui.domain.order_state import order_from_report
from tui.domain.order_terms import TimeInForce
from tui.domain.product import Product

SHAPES = [json.loads(line) for line in (Path(__file__).parent / "wire_shapes.jsonl").read_text().splitlines()]
NAMES = [f"{number}-{shape['type']}" for number, shape in enumerate(SHAPES)]


def type_of(shape):
    module, _, name = shape["type"].rpartition(".")
    if name == "*":
        return event_wire.Event
    found = getattr(import_module(f"tui.binance.{module}"), name)
    wrap = {"": lambda of: of, "list": lambda of: list[of], "frame": lambda of: Frame[of]}
    wrap["frame of list"] = lambda of: Frame[list[of]]
    return wrap[shape.get("of", "")](found)


def reader(shape):
    """Decodes a payload as the program does, to plain values that can be compared."""
    decoder = msgspec.json.Decoder(type_of(shape), strict=not shape.get("lenient", False))
    return lambda payload: msgspec.to_builtins(decoder.decode(json.dumps(payload)))


def paths(value, so_far=()):
    """Where every field of a payload stands; of lists the first entry stands for all."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*so_far, key)
            yield from paths(inner, (*so_far, key))
    elif isinstance(value, list) and value:
        yield from paths(value[0], (*so_far, 0))


def without(payload, path):
    found = rest = copy.deepcopy(payload)
    for key in path[:-1]:
        rest = rest[key]
    del rest[path[-1]]
    return found


def read_or_say(read, payload):
    """What a payload reads as, or why it cannot be read."""
    try:
        return read(payload)
    except msgspec.ValidationError as error:
        return str(error)


def with_more(value):
    """New fields of every kind, everywhere."""
    if isinstance(value, dict):
        more = {"neverSeen": {"deep": [1, None, "x"]}, "neverSeenToo": None}
        # What is a table of numbers by name has no fields.
        is_table = bool(value) and all(isinstance(each, int) for each in value.values())
        return {key: with_more(each) for key, each in value.items()} | ({} if is_table else more)
    return [with_more(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("shape", SHAPES, ids=NAMES)
def test_new_fields_break_nothing(shape):
    read = reader(shape)
    assert read(with_more(shape["payload"])) == read(shape["payload"])


@pytest.mark.parametrize("shape", SHAPES, ids=NAMES)
def test_a_missing_field_is_named_unless_it_may_be_missing(shape):
    read, may_lack, lacked = reader(shape), set(shape.get("may_lack", ())), set()
    whole = read(shape["payload"])
    for path in paths(shape["payload"]):
        named = ".".join(map(str, path))
        rest = read_or_say(read, without(shape["payload"], path))
        if isinstance(rest, str):
            assert f"missing required field `{path[-1]}`" in rest
        elif rest != whole:
            lacked.add(named)
    assert lacked == may_lack


def test_every_event_of_an_account_has_a_shape():
    tags = {shape["payload"]["e"] for shape in SHAPES if shape["type"] == "futures.event_wire.*"}
    rare = {"MARGIN_CALL", "CONDITIONAL_ORDER_TRIGGER_REJECT", "serverShutdown", "listenKeyExpired"}
    assert {struct.__struct_config__.tag for struct in get_args(event_wire.Event)} - rare <= tags


def first(type_, **has):
    """The first shape of a struct; its payload, a single row of lists."""
    for shape in SHAPES:
        payload = shape["payload"]
        if shape["type"] == type_ and not isinstance(payload, list) and has.items() <= payload.items():
            return payload
    raise AssertionError(f"no shape of {type_}")


def convert(payload, type_):
    return msgspec.convert(payload, type_, strict=False)


WORDS = (("status", "HIBERNATING"), ("tif", "UNTIL_LUNCH"), ("type", "PATIENT_LIMIT"))


def strange_reports():
    """One report from each source of orders, with words that Binance may say one day."""
    names, estimate = Names(Product.USDM), lambda *_: (0, "")
    (status, force, kind) = (word for _, word in WORDS)
    rest = {"status": status, "timeInForce": force, "type": kind, "origType": kind}
    yield reports.report(convert({**first("futures.wire.OrderAnswer"), **rest}, wire.OrderAnswer), names)
    algo = {**first("futures.wire.AlgoAnswer"), "algoStatus": status, "timeInForce": force, "orderType": kind}
    yield reports.algo_report(convert(algo, wire.AlgoAnswer), names)
    event = first("futures.event_wire.*", e="ORDER_TRADE_UPDATE")
    order = {**event["o"], "X": status, "f": force, "o": kind, "ot": kind}
    yield order_events.order_report(convert({**event, "o": order}, OrderTradeUpdate).order, names, estimate)
    event = first("futures.event_wire.*", e="ALGO_UPDATE")
    order = {**event["o"], "X": status, "f": force, "o": kind}
    yield order_events.algo_report(convert({**event, "o": order}, AlgoUpdate), names)
    yield spot_parse.report(convert({**first("spot.wire.OrderAnswer"), **rest}, spot_wire.OrderAnswer))
    event = {**first("spot.events.ExecutionReport"), "X": status, "f": force, "o": kind}
    yield spot_events.report(convert(event, spot_events.ExecutionReport))


def test_words_not_known_here_are_kept_as_they_are():
    for report in strange_reports():
        assert dict(report.unfamiliar) == dict(WORDS)
        assert report.status is OrderStatus.UNKNOWN
        assert report.time_in_force is TimeInForce.GTC
        order = order_from_report(report)
        assert [order.said(what) for what, _ in WORDS] == [word for _, word in WORDS]
        assert order.status.is_closed is (order.filled >= order.quantity > 0), "what has filled is known all the same"


def test_familiar_words_are_not_repeated():
    for shape in SHAPES:
        if shape["type"] == "futures.wire.OrderAnswer" and not isinstance(shape["payload"], list):
            told = reports.report(convert(shape["payload"], wire.OrderAnswer), Names(Product.USDM))
            assert told.unfamiliar == ()


@pytest.mark.parametrize("lacking", ["status", "executedQty"])
def test_only_an_acknowledgement_may_lack_how_much_has_filled(lacking):
    whole = first("spot.wire.OrderAnswer")
    payload = {key: value for key, value in whole.items() if key != lacking}
    answer = convert(payload, spot_wire.OrderAnswer)
    if lacking == "status":
        assert spot_parse.report(answer).status is OrderStatus.NEW
        return
    with pytest.raises(ValueError, match="executedQty is missing"):
        spot_parse.report(answer)


@pytest.mark.parametrize("lacking", ["notionalFloor", "notionalCap"])
def test_a_tier_without_its_bounds_is_refused_by_name(lacking):
    tier = {"initialLeverage": 20, "maintMarginRatio": 0.01, "cum": 0.0, "notionalFloor": 0, "notionalCap": 5000}
    del tier[lacking]
    answer = convert({"symbol": "BTCUSDT", "brackets": [tier]}, wire.Brackets)
    with pytest.raises(ValueError, match=f"{lacking} is missing"):
        parse.brackets(answer)
