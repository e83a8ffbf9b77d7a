"""The accounts that exist on every venue."""

#: The account whose keys are handed out.
DEMO = "demo"
#: The participants who make the market share one account, so that trades among themselves move nothing.
HOUSE = "house"
#: Where commissions go.
FEES = "fees"
#: Covers what a liquidated account cannot pay.
INSURANCE = "insurance"
#: What rounding to a wallet's eight decimals leaves over, or takes.
ROUNDING = "rounding"
#: Lends to margin accounts.
LENDER = "lender"
