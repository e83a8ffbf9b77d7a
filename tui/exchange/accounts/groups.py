"""Trade groups: accounts that self-trade prevention takes for one (Binance spot API docs, FAQ "STP", 2026-07-21)."""

#: The `tradeGroupId` of an account that is in no group.
NO_GROUP = -1


class TradeGroups:
    """Groups by owner; a person's margin accounts are in the group of the person."""

    def __init__(self) -> None:
        self._groups: dict[str, int] = {}

    def put(self, owner: str, group: int) -> None:
        """Put somebody into a group, or with NO_GROUP into none."""
        if group == NO_GROUP:
            self._groups.pop(owner, None)
        else:
            self._groups[owner] = group

    def of(self, account_id: str) -> int:
        """The group of an account."""
        if not self._groups:
            return NO_GROUP
        return self._groups.get(account_id.partition(":")[0], NO_GROUP)
