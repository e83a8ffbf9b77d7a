"""What the demo account's keys may do."""

from exchange_caller import Caller


async def test_permissions_are_told_to_the_keys_owner_alone(caller: Caller) -> None:
    status, told = await caller.ask("GET", "spot", "/sapi/v1/account/apiRestrictions", kind="ED25519")
    assert status == 200
    assert told["enableReading"] is told["enableSpotAndMarginTrading"] is told["enableFutures"] is True
    assert told["enableWithdrawals"] is told["enableInternalTransfer"] is told["ipRestrict"] is False
    assert set(told) >= {"createTime", "enableMargin", "permitsUniversalTransfer", "enableVanillaOptions"}
    status, refused = await caller.get("spot", "/sapi/v1/account/apiRestrictions")
    assert (status, refused["code"]) == (401, -2014)
