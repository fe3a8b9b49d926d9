"""What an organisation sets up once: its chart of accounts, tax rates, currencies and tracking."""

from decimal import Decimal

import msgspec

from xero_twin.money import ZERO
from xero_twin.records.guid import NOTHING_GUID


class Account(msgspec.Struct, gc=False, kw_only=True):
    id: str = NOTHING_GUID
    code: str | None = None
    name: str = ""
    type: str = ""
    status: str = "ACTIVE"
    description: str | None = None
    tax_type: str | None = None
    bank_account_number: str | None = None
    bank_account_type: str | None = None
    currency: str | None = None
    system_account: str | None = None
    enable_payments: bool = False
    show_in_expense_claims: bool = False
    add_to_watchlist: bool = False
    reporting_code: str | None = None
    updated: int = 0


class TaxComponent(msgspec.Struct, gc=False, frozen=True):
    name: str
    rate: Decimal
    is_compound: bool = False
    is_non_recoverable: bool = False


class TaxRate(msgspec.Struct, gc=False, kw_only=True):
    """`applies_to` holds the classes of accounts: letters of A assets, Q equity, E expenses, L liabilities,
    R revenue."""

    id: str = ""  # the tax type: tax rates have no GUID
    name: str = ""
    components: tuple[TaxComponent, ...] = ()
    status: str = "ACTIVE"
    report_tax_type: str | None = None
    applies_to: str = "AQELR"
    system: bool = False
    effective: Decimal = ZERO  # per cent, four decimals
    updated: int = 0


class Currency(msgspec.Struct, gc=False, kw_only=True):
    id: str  # the ISO code
    description: str = ""
    updated: int = 0


class TrackingOption(msgspec.Struct, gc=False, frozen=True, kw_only=True):
    id: str
    name: str
    status: str = "ACTIVE"


class TrackingCategory(msgspec.Struct, gc=False, kw_only=True):
    id: str = NOTHING_GUID
    name: str = ""
    status: str = "ACTIVE"
    options: tuple[TrackingOption, ...] = ()
    updated: int = 0
