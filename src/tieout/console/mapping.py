"""The mapping form: which account serves which purpose, and which Xero rate each tax rule is.

In: an organisation whose accounts and rates were loaded. Out: what the form shows; what a person typed. Always: an
account may serve several purposes; accounts without a code are listed with the cure; only rates of the same percentage
are offered for a tax rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from tieout.core.models import Account, Organisation, TaxRule
from tieout.sync.connect import ROLES, Role
from tieout.sync.models import Connection


@dataclass(frozen=True, slots=True)
class RoleChoice:
    """One purpose with the accounts to choose from: those of a fitting type first."""

    role: Role
    chosen: str
    fitting: list[Account]
    others: list[Account]


@dataclass(frozen=True, slots=True)
class TaxChoice:
    """A tax rule of Core's own. `tied`: loading found Xero's rate of the same name, so there is nothing to choose."""

    rule: TaxRule
    rates: list[TaxRule]
    tied: bool

    @property
    def unmapped(self) -> bool:
        return not self.rule.tax_type


def mapping_values(organisation: Organisation, connection: Connection | None) -> dict[str, Any]:
    """Everything that the mapping form shows."""
    accounts = list(Account.objects.filter(organisation=organisation, status="ACTIVE"))
    coded = [account for account in accounts if account.code]
    rules = list(TaxRule.objects.filter(organisation=organisation, status="ACTIVE"))
    rates = [rule for rule in rules if rule.from_xero]
    own = [rule for rule in rules if not rule.from_xero]
    of_xero = {rate.tax_type for rate in rates}
    roles = connection.roles if connection else {}
    return {
        "roles": [_role_choice(role, roles.get(role.name, ""), coded) for role in ROLES],
        "codeless": [account for account in accounts if not account.code],
        "taxes": [
            TaxChoice(
                rule,
                [rate for rate in rates if rate.rate == rule.rate],
                bool(rule.tax_type) and rule.tax_type not in of_xero,
            )
            for rule in own
        ],
        "account_count": len(accounts),
        "rate_count": len({rule.tax_type for rule in rules if rule.tax_type}),
    }


def _role_choice(role: Role, chosen: str, accounts: list[Account]) -> RoleChoice:
    fitting = [account for account in accounts if account.type in role.types]
    others = [account for account in accounts if account.type not in role.types]
    return RoleChoice(role, chosen, fitting, others)


def typed_mapping(form: QueryDict) -> tuple[dict[str, str], dict[int, str]]:
    """Roles and tax rules as a person set them in the form."""
    roles = {role.name: form.get(f"role-{role.name}", "") for role in ROLES}
    taxes = {
        int(key.removeprefix("tax-")): value
        for key, value in form.items()
        if key.startswith("tax-") and key.removeprefix("tax-").isdecimal() and isinstance(value, str)
    }
    return roles, taxes
