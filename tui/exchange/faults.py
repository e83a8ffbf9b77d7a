"""Things that go wrong at a real exchange, switched on by tests: each fault is scripted and runs out by itself."""

from dataclasses import dataclass, field

import msgspec

from tui.exchange.hostile import Attack, Hostility


class FaultOrder(msgspec.Struct, forbid_unknown_fields=True):
    """What a test asks for; everything left out stays as it is, zero switches off.

    `rest_delay_ms` delays every REST reply. `stall_ms` silences the streams while sockets stay open. `drop_depth` loses
    that many depth messages. `order_errors` answers that many order calls with 503, `order_errors_executed` does so
    after the order was executed, `too_many` answers that many requests with 429. `cut` closes every socket.
    `hostile` twists everything that is said (see `Attack`), `honest` ends that.
    """

    cut: bool = False
    rest_delay_ms: int | None = None
    stall_ms: int | None = None
    drop_depth: int | None = None
    order_errors: int | None = None
    order_errors_executed: int | None = None
    too_many: int | None = None
    hostile: Attack | None = None
    honest: bool = False


@dataclass(slots=True)
class Faults:
    """The faults in force; times are of the monotonic clock, in milliseconds."""

    rest_delay_ms: int = 0
    stalled_until_ms: float = 0.0
    depth_to_drop: int = 0
    order_errors: int = 0
    order_errors_executed: int = 0
    too_many: int = 0
    hostility: Hostility = field(default_factory=Hostility)

    def take(self, order: FaultOrder, monotonic_ms: float) -> None:
        """Put an order in force."""
        if order.rest_delay_ms is not None:
            self.rest_delay_ms = order.rest_delay_ms
        if order.stall_ms is not None:
            self.stalled_until_ms = monotonic_ms + order.stall_ms
        if order.drop_depth is not None:
            self.depth_to_drop = order.drop_depth
        if order.order_errors is not None:
            self.order_errors = order.order_errors
        if order.order_errors_executed is not None:
            self.order_errors_executed = order.order_errors_executed
        if order.too_many is not None:
            self.too_many = order.too_many
        if order.honest or order.hostile is not None:
            self.hostility.attack = order.hostile

    def refuses_request(self) -> bool:
        """Whether this request is answered with 429."""
        refuses, self.too_many = self.too_many > 0, max(0, self.too_many - 1)
        return refuses

    def fails_order(self) -> bool:
        """Whether this order call fails before anything is done."""
        fails, self.order_errors = self.order_errors > 0, max(0, self.order_errors - 1)
        return fails

    def loses_reply(self) -> bool:
        """Whether this order call is executed and its reply lost."""
        loses, self.order_errors_executed = self.order_errors_executed > 0, max(0, self.order_errors_executed - 1)
        return loses

    def drops_depth(self) -> bool:
        """Whether this depth message is lost."""
        drops, self.depth_to_drop = self.depth_to_drop > 0, max(0, self.depth_to_drop - 1)
        return drops
