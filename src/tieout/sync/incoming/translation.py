"""What Xero shows, as what would have been entered in Core: the kinds' payloads read backwards.

In: an item, a contact, an invoice or bill of Xero's, and the chart that its codes mean something in. Out: Core's
fields; `Unfit` with a sentence where Core has no place for it. Always: pure save for reading the chart; amounts
are never adjusted: whether they come out equal is checked by Core's own money rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from tieout.core import money, rules
from tieout.core.due_dates import Term
from tieout.core.fields import ContactFields, DocumentFields, LineFields, ProductFields
from tieout.core.models import Account, Organisation, TaxRule
from tieout.core.money import said
from tieout.core.setup import Setup
from tieout.xero import types, wire

NO_TAX = "NONE"
STOCKED = ("INVENTORY", "DIRECTCOSTS")
HEAD = ("location", "job", "sales_rep")
NOTHING, ONE = Decimal(0), Decimal(1)


class Unfit(Exception):
    """Why Core cannot hold it, as a sentence."""


@dataclass(frozen=True, slots=True)
class LedgerAccount:
    code: str
    name: str
    type: str
    active: bool
    tax_type: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Core's words for Xero's codes. `tracking`: what a text of Core's tells → the tracking category."""

    accounts: Mapping[str, LedgerAccount]
    accounts_by_id: Mapping[str, LedgerAccount]
    tax_rules: Mapping[str, int]
    tracking: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, organisation: Organisation, tracking: Mapping[str, str] | None = None) -> Chart:
        by_code: dict[str, LedgerAccount] = {}
        by_id: dict[str, LedgerAccount] = {}
        for each in Account.objects.filter(organisation=organisation):
            account = LedgerAccount(each.code, each.name, each.type, each.status == "ACTIVE", each.tax_type)
            by_id[str(each.xero_id)] = account
            if each.code and (each.code not in by_code or account.active):
                by_code[each.code] = account
        return cls(by_code, by_id, _tax_rules(organisation), tracking or {})


def _tax_rules(organisation: Organisation) -> dict[str, int]:
    """The rule for each of Xero's tax types: a live one, of Xero's own percentage, the oldest of these."""
    found = TaxRule.objects.filter(organisation=organisation).exclude(tax_type="")
    ranked = sorted(found, key=lambda rule: (rule.status != "ACTIVE", rule.xero_rate != rule.rate, rule.pk))
    by_type: dict[str, int] = {}
    for rule in ranked:
        by_type.setdefault(rule.tax_type, rule.pk)
    return by_type


def own_code(xero_id: str) -> str:
    """Core's number for what has none in Xero: the same whenever it is read."""
    return f"XERO-{xero_id.replace('-', '')[:12].upper()}"


# -- items and contacts ------------------------------------------------------------------------------------------------


def product_fields(item: types.Item, chart: Chart) -> ProductFields:
    """A product to be completed: what the item has; its type by the account of its purchases."""
    sales = item.sales_details or types.PriceDetails()
    purchases = item.purchase_details or types.PriceDetails()
    description = item.description or ""
    sold, bought = _active(sales.account_code, chart), _active(purchases.account_code, chart)
    stocked = bought is not None and bought.type in STOCKED
    return ProductFields(
        sku=item.code or "",
        name=(item.name or description or item.code or "").replace("<", "(").replace(">", ")")[:256],
        description=description,
        purchase_description=item.purchase_description or "",
        status="SET_UP_REQUIRED",
        type="STOCK" if stocked else "NON_INVENTORY" if item.is_purchased else "SERVICE",
        sale_price=sales.unit_price,
        purchase_price=purchases.unit_price,
        sale_account=sold.code if sold else "",
        purchase_account=bought.code if bought else "",
        is_sold=item.is_sold is not False,
        is_purchased=item.is_purchased is not False,
        sale_tax_rule_id=_default_tax(sales.tax_type, sold, chart),
        purchase_tax_rule_id=_default_tax(purchases.tax_type, bought, chart),
    )


def _active(code: str | None, chart: Chart) -> LedgerAccount | None:
    account = chart.accounts.get(code or "")
    return account if account and account.active else None


def _default_tax(tax_type: str | None, account: LedgerAccount | None, chart: Chart) -> int | None:
    """The item's own tax, or that of its account."""
    return chart.tax_rules.get(tax_type or (account.tax_type if account else ""))


def contact_fields(
    contact: types.Contact, code: str, terms: Mapping[int, Term], *, customer: bool, supplier: bool
) -> ContactFields:
    """A contact as it would have been entered. `terms`: Core's, by id; one that Core does not have is left to Xero."""
    phones = {each.phone_type: _phone(each) for each in contact.phones or ()}
    addresses = {each.address_type: each for each in contact.addresses or () if each.address_line1 or each.city}
    address = addresses.get("STREET") or addresses.get("POBOX") or types.Address()
    return ContactFields(
        code=code,
        name=contact.name or "",
        is_customer=customer,
        is_supplier=supplier,
        first_name=contact.first_name or "",
        last_name=contact.last_name or "",
        email=contact.email_address or "",
        phone=phones.get("DEFAULT", ""),
        mobile=phones.get("MOBILE", ""),
        fax=phones.get("FAX", ""),
        address_line1=address.address_line1 or "",
        address_line2=address.address_line2 or "",
        city=address.city or "",
        region=address.region or "",
        postal_code=address.postal_code or "",
        country=address.country or "",
        tax_number=contact.tax_number or "",
        currency=contact.default_currency or "",
        term_id=_term(contact, terms, customer=customer),
    )


def _term(contact: types.Contact, terms: Mapping[int, Term], *, customer: bool) -> int | None:
    shown = contact.payment_terms or types.PaymentTerms()
    wanted = (shown.sales if customer else shown.bills) or types.Term()
    return next((key for key, term in terms.items() if (term.method, term.days) == (wanted.type, wanted.day)), None)


def _phone(phone: types.Phone) -> str:
    parts = (phone.phone_country_code, phone.phone_area_code, phone.phone_number)
    return " ".join(each for each in parts if each)[:50]


# -- invoices and bills ------------------------------------------------------------------------------------------------


def document_fields(
    invoice: types.Invoice, kind: str, contact_id: UUID, chart: Chart, products: Mapping[str, UUID]
) -> DocumentFields:
    """An invoice or bill as it would have been entered. Raises Unfit."""
    day = wire.as_date(invoice.date or "")
    lines = invoice.line_items or []
    treatment = invoice.line_amount_types or "Exclusive"
    told = _told(lines, chart)
    return DocumentFields(
        kind=kind,
        number=(invoice.invoice_number or "").strip() or own_code(invoice.invoice_id or ""),
        contact_id=contact_id,
        reference=invoice.reference or "" if kind == "sale_invoice" else "",
        date=day,
        due_date=wire.as_date(invoice.due_date) if invoice.due_date else day,
        currency=invoice.currency_code or "",
        rate=invoice.currency_rate or ONE,
        tax_treatment=treatment,
        location=told.get("location", ""),
        job=told.get("job", ""),
        sales_rep=told.get("sales_rep", ""),
        attributes={name.partition(":")[2]: text for name, text in told.items() if name.startswith("document:")},
        lines=tuple(_line(number, line, treatment, chart, products) for number, line in enumerate(lines, 1)),
    )


def _told(lines: Sequence[types.LineItem], chart: Chart) -> dict[str, str]:
    """What Core's head can say of the lines' tracking: a text that all of them share."""
    found = {}
    lines = [line for line in lines if line.line_amount]  # what only says something carries no tags
    for told, category in chart.tracking.items():
        options = {each.option or "" for line in lines for each in line.tracking or () if each.name == category}
        tagged = all(any(each.name == category for each in line.tracking or ()) for line in lines)
        if tagged and len(options) == 1 and (told in HEAD or told.startswith("document:")):
            found[told] = options.pop()
    return {told: text for told, text in found.items() if text}


def _line(number: int, line: types.LineItem, treatment: str, chart: Chart, products: Mapping[str, UUID]) -> LineFields:
    description = line.description or ""
    quantity, price, discount = _priced(line)
    if line.line_amount is not None and money.line_amount(quantity, price, discount) != line.line_amount:
        description = f"{description} ({_said(line)})"[:4000]
        quantity, price, discount = ONE, line.line_amount, NOTHING
    return LineFields(
        description=description,
        quantity=quantity,
        unit_price=price,
        discount=discount,
        product_id=products.get(line.item_code or ""),
        account=_account(number, line, chart),
        tax_rule_id=None if treatment == "NoTax" else _tax_rule(number, line, chart),
    )


def _priced(line: types.LineItem) -> tuple[Decimal, Decimal, Decimal]:
    """Quantity, unit price and discount; a line that only says something has none of them."""
    if line.quantity is None and line.unit_amount is None and not line.line_amount:
        return NOTHING, NOTHING, NOTHING
    discount = line.discount_rate or NOTHING
    if discount != round(discount, 2):
        discount = NOTHING  # finer than Core's: the line goes by its amount
    return line.quantity if line.quantity is not None else ONE, line.unit_amount or NOTHING, discount


def _said(line: types.LineItem) -> str:
    """How a line that Core holds as one of its amount was priced."""
    quantity, price = line.quantity or ONE, line.unit_amount or NOTHING
    text = f"{quantity.normalize():f} × {price.normalize():f}"
    if line.discount_amount:
        return f"{text} less {line.discount_amount}"
    return f"{text} less {line.discount_rate.normalize():f}%" if line.discount_rate else text


def _account(number: int, line: types.LineItem, chart: Chart) -> str:
    if line.account_code:
        return line.account_code
    account = chart.accounts_by_id.get(line.account_id or "")
    if account is None:
        if not line.line_amount:
            return ""
        raise Unfit(f"line {number} has no account that Core knows. Load from Xero again on the page Mapping.")
    if not account.code:
        raise Unfit(f"line {number} is on the account {account.name}, which has no code. Give it one in Xero.")
    return account.code


def _tax_rule(number: int, line: types.LineItem, chart: Chart) -> int | None:
    tax_type = line.tax_type or NO_TAX
    rule = chart.tax_rules.get(tax_type)
    if rule is None and tax_type != NO_TAX:
        raise Unfit(
            f"line {number} has the tax type {tax_type}, for which Core has no tax rule. Load from Xero again, or map "
            f"a rule to it on the page Mapping."
        )
    return rule


def amounts_differ(invoice: types.Invoice, values: DocumentFields, setup: Setup) -> str:
    """Why Core would come to other amounts than Xero shows, line by line or in total; empty where both agree."""
    lines, totals = rules.priced(values, rules.as_entered(values), setup)
    for number, (theirs, ours) in enumerate(zip(invoice.line_items or (), lines, strict=True), 1):
        if theirs.tax_amount is not None and theirs.tax_amount != ours.tax and values.tax_treatment != "NoTax":
            return (
                f"the tax of line {number} is {said(theirs.tax_amount)} in Xero, where its rate gives "
                f"{said(ours.tax)}. Somebody typed it over there. Set it back in Xero, or enter the document in Core "
                "by hand."
            )
    if (invoice.sub_total, invoice.total_tax, invoice.total) != (totals.subtotal, totals.tax, totals.total):
        return (
            f"it comes to {said(invoice.total)} in Xero with tax of {said(invoice.total_tax)}, and to "
            f"{said(totals.total)} with tax of {said(totals.tax)} by its lines and rates. Correct it in Xero, or enter "
            "the document in Core by hand."
        )
    return ""
