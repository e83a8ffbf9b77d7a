"""What the panes show, in words: their columns, marks and short forms, for the help."""

from collections.abc import Mapping

#: By context of a pane, "" for the two rows at the top: what stands there, and what it means.
SHOWN: Mapping[str, tuple[tuple[str, str], ...]] = {
    "": (
        ("?64,212.4", "old: a price, or money counted at old prices, that is not live any more"),
        ("fund", "funding rate of the contract, and how long until it is paid; positive: longs pay"),
        ("24h vol OI", "lowest and highest price of a day, value traded, contracts that all traders hold"),
        ("mkt usr", "since when nothing was heard of the market, of the account: m, u where room is short"),
        ("wt ord", "requests weighed and orders counted of what the exchange allows"),
        ("lat clk", "milliseconds an answer takes, and how far our clock is off"),
        ("eq uPnL day", "worth of the account, open profit, what the day has brought, and the loss that ends it"),
        ("free margin", "what nothing holds, and the share of the worth that positions hold"),
        ("size [2]", "the size preset of the next order"),
    ),
    "watchlist": (
        ("symbol last", "its name and last price; ·P perpetual, ·X ·I cross and isolated margin; ? where it is old"),
        ("24h % vol", "change and value traded of a day; between them its shape"),
        ("fund %", "funding rate"),
        ("● ○ !", "a position, an order, an alert there"),
    ),
    "chart": (
        ("O H L C V", "open, high, low, close and volume of the last candle, or of the one under the cross-hair"),
        ("╌ ━ ┄ ·", "own orders and entries, liquidation, alerts, stops and targets"),
        ("▲ ▼", "where you bought and sold"),
        ("◀ 01:38", "last price, and how long the candle still takes"),
    ),
    "ladder": (
        ("mine", "own orders B and S, with ? unknown … on its way × cancelling ~ changing; ▲2 ▼1 beyond what is seen"),
        ("◆ × ¤ !", "entry, liquidation, stop or target, and alert at a price"),
        ("vol traded", "traded at the price while you look; ± what was added △ and taken away ▽"),
        ("5t 0.08bp", "spread in ticks and in hundredths of a percent"),
        ("imb 61/39", "share of bids and asks in the best ten levels"),
        ("› » ·", "best price, cursor, farther than the book is known"),
        ("PO RO", "the next order is post-only, reduce-only"),
    ),
    "book": (
        ("sum", "sizes from the touch to there"),
        ("B S", "own orders at that price"),
        ("≥", "at least so much: the book is not known farther"),
    ),
    "tape": (
        ("58% buy", "share of what is seen that takers bought"),
        ("▲ ▼", "a taker bought, sold; bold where it is far above the others"),
        ("×3", "so many trades of one taker"),
        ("LIQ", "a position that the exchange closed by force"),
        ("≥10k", "the least value that is listed"),
    ),
    "orders": (
        ("#", "what the command line calls it: x 2, m 2 64100"),
        ("symbol side type", "what, which way, how"),
        ("qty filled", "size, and how much of it is done; pos: the whole position"),
        ("price trigger", "limit, and where it wakes up; ▸ where one column shows both"),
        ("dist age", "way from the middle of the market; since when it stands"),
        ("flags", "PO post-only, RO reduce-only, CP closes the position, ICE iceberg, PM price match, PEG pegged"),
        ("MK APP", "triggered by the mark price; held together with its exits by this program, not by the exchange"),
        ("tif", "how long it is good: GTC, IOC, FOK, GTX, or → until when"),
        ("state ≤3.1 ahead", "at most so much stands before it in the queue"),
    ),
    "positions": (
        ("symbol side size", "what, which way, how much; contracts on COIN-M"),
        ("entry mark liq", "price paid, price that it is valued at, price at which it is lost"),
        ("lev margin", "leverage with C cross, I isolated; what holds it"),
        ("uPnL ROE R", "open profit; its percentage of the margin; how many times what the stop risks"),
        ("SL TP", "stop and target; part: not all of it is protected"),
        ("even today", "price at which fees are earned back; what the symbol brought today"),
        ("ADL age", "rank to be reduced by force for others' losses, 4 goes first; since when it is held"),
        ("realised", "of a virtual position, fees apart"),
    ),
    "fills": (
        ("time symbol side", "when, what, which way"),
        ("qty price value", "size, price, and what that is worth"),
        ("fee role", "what it cost; maker or taker, ~ where it was inferred"),
        ("realised order", "profit that it brought; the order it belongs to"),
    ),
    "account": (
        ("asset wallet", "what, and where it is"),
        ("free used owed", "what nothing holds, what orders and margin hold, what is borrowed with interest"),
        ("≈ USDT", "what is left of it at prices of now"),
    ),
    "alerts": (
        ("# symbol when", "its number, what is watched, and for what"),
        ("dist times", "way from the middle of the market; told once or every time"),
        ("set state", "since when, and whether it waits or was told"),
    ),
    "algos": (
        ("algo symbol side", "what works where, which way"),
        ("filled average", "done of all, and the price paid for that"),
        ("how sent", "as asked for; orders sent for it"),
        ("age state", "since when, and what it does next or how it ended"),
    ),
}
