"""Xero's scopes: which exist, and which one a resource asks for.

In: a space-separated text of scopes, or a resource and whether it is only read. Out: the unknown ones, or
whether a grant suffices. A read needs the scope or its `.read` form, a write the full scope. Only granular
scopes exist for new apps.
"""

_WITH_READ = (
    "accounting.invoices",
    "accounting.payments",
    "accounting.banktransactions",
    "accounting.manualjournals",
    "accounting.settings",
    "accounting.contacts",
    "accounting.attachments",
)
_REPORTS = (
    "aged",
    "balancesheet",
    "banksummary",
    "budgetsummary",
    "executivesummary",
    "profitandloss",
    "trialbalance",
    "taxreports",
    "tenninetynine",
)

KNOWN = frozenset(
    (
        "offline_access",
        "openid",
        "profile",
        "email",
        "accounting.budgets.read",
        "accounting.journals.read",
        *_WITH_READ,
        *(f"{scope}.read" for scope in _WITH_READ),
        *(f"accounting.reports.{report}.read" for report in _REPORTS),
    )
)


def unknown(scopes: str) -> list[str]:
    """The scopes a new app may not ask for, the old broad ones among them."""
    return [scope for scope in scopes.split() if scope not in KNOWN]


def allow(granted: frozenset[str], wanted: tuple[str, ...], reading: bool) -> bool:
    """Whether one of the scopes that a resource takes was granted."""
    return any(scope in granted or (reading and f"{scope}.read" in granted) for scope in wanted)
