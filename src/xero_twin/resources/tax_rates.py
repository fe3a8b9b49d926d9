"""TaxRates: found by tax type; new ones become TAX001, TAX002, …; deleted by status.

System rates cannot be changed. An update must list every component it already has; components can be added,
never renamed or removed. Deleted rates stay in the list.
"""

import copy
from decimal import Decimal
from typing import Any

from xero_twin import codes, wire
from xero_twin.fields import Sent, boolean, declare, nested_list, number, one_of, text
from xero_twin.organisation import Organisation
from xero_twin.records import TaxComponent, TaxRate
from xero_twin.resource import Call, Column, Outcome, Resource, Shape

_FOUR = Decimal("0.0001")
_APPLIES = (
    ("CanApplyToAssets", "A"),
    ("CanApplyToEquity", "Q"),
    ("CanApplyToExpenses", "E"),
    ("CanApplyToLiabilities", "L"),
    ("CanApplyToRevenue", "R"),
)


def show(_call: Call, rate: TaxRate, _shape: Shape) -> dict[str, Any]:
    return wire.without_nulls(
        {
            "Name": rate.name,
            "TaxType": rate.id,
            "ReportTaxType": rate.report_tax_type,
            **{key: letter in rate.applies_to for key, letter in _APPLIES},
            "DisplayTaxRate": rate.effective,
            "EffectiveRate": rate.effective,
            "Status": rate.status,
            "TaxComponents": [
                {
                    "Name": part.name,
                    "Rate": part.rate,
                    "IsCompound": part.is_compound,
                    "IsNonRecoverable": part.is_non_recoverable,
                }
                for part in rate.components
            ],
        }
    )


def find(org: Organisation, key: str) -> TaxRate | None:
    return org.tax_rates.get(key.upper())


_COMPONENT = declare(
    {
        "Name": ("name", text),
        "Rate": ("rate", number),
        "IsCompound": ("is_compound", boolean),
        "IsNonRecoverable": ("is_non_recoverable", boolean),
    }
)
FIELDS = declare(
    {
        "Name": ("name", text),
        "TaxType": ("tax_type", text),
        "TaxComponents": ("components", nested_list(_COMPONENT)),
        "Status": ("status", one_of("ACTIVE", "DELETED", "ARCHIVED", kind="TaxRateStatus")),
        "ReportTaxType": ("report_tax_type", one_of(*codes.REPORT_TAX_TYPES, kind="ReportTaxType")),
    }
)


def match(call: Call, sent: Sent) -> TaxRate | None:
    if "tax_type" in sent:
        return call.org.tax_rates.get(sent["tax_type"].upper())
    return call.org.tax_rates.first("name", sent.get("name", "").casefold())


def write(call: Call, sent: Sent, existing: TaxRate | None) -> Outcome:
    rate = TaxRate() if existing is None else copy.copy(existing)
    rate.name = sent.get("name", rate.name)
    rate.status = sent.get("status", rate.status)
    rate.report_tax_type = sent.get("report_tax_type", rate.report_tax_type)
    if "components" in sent:
        rate.components = tuple(_component(part) for part in sent["components"])
    rate.effective = effective(rate.components)
    errors = _errors(call.org, rate, existing) + _component_errors(call.org, sent)
    if existing is None and "tax_type" in sent:  # a tax type is given by Xero; wording invented
        errors.append("The TaxType can only be used to update a tax rate.")
    if existing is None and rate.status != "ACTIVE":  # by analogy with invoices
        errors.append("Tax rate not of valid status for creation")
    outcome = Outcome(rate, errors, created=existing is None)
    if not errors:
        rate.id = _next_type(call.org) if existing is None else existing.id
        rate.updated = call.now
        call.org.tax_rates.put(rate)
    return outcome


def _component(sent: Sent) -> TaxComponent:
    return TaxComponent(
        name=sent.get("name", ""),
        rate=sent.get("rate", Decimal(0)).quantize(_FOUR),
        is_compound=sent.get("is_compound", False),
        is_non_recoverable=sent.get("is_non_recoverable", False),
    )


def effective(components: tuple[TaxComponent, ...]) -> Decimal:
    """The rate in per cent that all components come to; a compound one is charged on amount and other tax."""
    rate = sum((part.rate for part in components if not part.is_compound), Decimal(0))
    for part in components:
        if part.is_compound:
            rate += part.rate * (100 + rate) / 100
    return rate.quantize(_FOUR)


def _errors(org: Organisation, rate: TaxRate, existing: TaxRate | None) -> list[str]:
    """The sentences are invented."""
    errors = []
    if not rate.name.strip() or len(rate.name) > 50:
        errors.append("The tax rate name must be between 1 and 50 characters.")
    if not rate.components:
        errors.append("At least one tax component must be specified.")
    if any(other.id != rate.id for other in org.tax_rates.find("name", rate.name.casefold())):
        errors.append("The tax rate name must be unique.")
    if existing is None and org.country in ("AU", "NZ", "GB") and not rate.report_tax_type:
        errors.append("ReportTaxType must be specified.")
    if existing is not None and existing.system:
        errors.append("System tax rates cannot be changed.")
    if existing is not None and not {part.name for part in existing.components} <= {
        part.name for part in rate.components
    }:
        errors.append("Tax components cannot be renamed or removed.")
    return errors


def _component_errors(org: Organisation, sent: Sent) -> list[str]:
    """A part has a name and a rate of at most four decimals that is not negative (inferred). The sentences are
    invented."""
    errors = []
    for part in sent.get("components", []):
        rate = part.get("rate")
        if not part.get("name") or rate is None:
            errors.append("A tax component needs a name and a rate.")
        elif rate < 0 or rate != rate.quantize(_FOUR):
            errors.append("The rate of a tax component must be positive, with at most four decimals.")
        if part.get("is_non_recoverable") and org.country != "CA":
            errors.append("Only Canadian organisations have non-recoverable tax.")
    return errors


def _next_type(org: Organisation) -> str:
    number = 1
    while org.tax_rates.get(f"TAX{number:03d}") is not None:
        number += 1
    return f"TAX{number:03d}"


def _applies(letter: str) -> Column:
    return lambda _, rate: letter in rate.applies_to


RESOURCE = Resource(
    name="TaxRates",
    element="TaxRate",
    id_key="TaxType",
    scopes=("accounting.settings",),
    table=lambda org: org.tax_rates,
    show=show,
    find=find,
    number=lambda rate: rate.name,
    columns={
        "name": lambda _, rate: rate.name,
        "taxtype": lambda _, rate: rate.id,
        "status": lambda _, rate: rate.status,
        "effectiverate": lambda _, rate: rate.effective,
        "displaytaxrate": lambda _, rate: rate.effective,
        **{key.lower(): _applies(letter) for key, letter in _APPLIES},
    },
    modified_since=False,
    fields=FIELDS,
    put="one",
    post="one",
    write=write,
    match=match,
)
