"""Contacts: customers and suppliers.

Names are unique among active contacts without regard to case; ContactNumber is unique and belongs to the
outside system. An archived contact cannot be edited. `IsCustomer` and `IsSupplier` are never taken from
what is sent: they turn on with the first document. Answers always hold the two address and the four phone
slots. What a contact must be is in `contact_rules.py`.
"""

import copy
from decimal import Decimal
from typing import Any

from xero_twin import wire
from xero_twin.fields import Sent, boolean, declare, guid, nested, nested_list, one_of, text, whole
from xero_twin.money import ZERO, cents
from xero_twin.organisation import Organisation
from xero_twin.records import NOTHING_GUID, Contact
from xero_twin.resource import Call, Filters, Outcome, Resource, Shape, record_id
from xero_twin.resources import attachments, contact_rules, renderings

PHONE_SLOTS = ("DDI", "DEFAULT", "FAX", "MOBILE")
ADDRESS_SLOTS = ("STREET", "POBOX")
ARCHIVED = (
    "The specified contact details matched an archived contact. "
    "Archived contacts cannot currently be edited via the API."
)


def show(call: Call, contact: Contact, shape: Shape) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "ContactID": record_id(contact),
        "ContactNumber": contact.contact_number,
        "AccountNumber": contact.account_number,
        "ContactStatus": contact.status,
        "Name": contact.name,
        "FirstName": contact.first_name,
        "LastName": contact.last_name,
        "CompanyNumber": contact.company_number,
        "EmailAddress": contact.email or "",
        "BankAccountDetails": contact.bank_account_details or "",
        "TaxNumber": contact.tax_number,
        "DefaultCurrency": contact.default_currency,
        "UpdatedDateUTC": wire.instant(contact.updated),
        "MergedToContactID": contact.merged_to,
    }
    if shape is Shape.SUMMARY:
        return wire.without_nulls(shown)
    shown |= {
        "AccountsReceivableTaxType": contact.receivable_tax_type,
        "AccountsPayableTaxType": contact.payable_tax_type,
        "SalesDefaultAccountCode": contact.sales_account,
        "PurchasesDefaultAccountCode": contact.purchases_account,
        "SalesDefaultLineAmountType": contact.sales_basis,
        "PurchasesDefaultLineAmountType": contact.purchases_basis,
        "PaymentTerms": contact.payment_terms,
        "Addresses": [_address(contact, slot) for slot in ADDRESS_SLOTS],
        "Phones": [_phone(contact, slot) for slot in PHONE_SLOTS],
        "ContactGroups": groups_of(call.org, contact) if shape is Shape.ONE else [],
        "IsSupplier": contact.is_supplier,
        "IsCustomer": contact.is_customer,
        "SalesTrackingCategories": list(contact.sales_tracking),
        "PurchasesTrackingCategories": list(contact.purchases_tracking),
        "ContactPersons": list(contact.persons),
        "HasAttachments": attachments.has_any(call.org, "Contacts", contact.id),
        "HasValidationErrors": False,
    }
    if shape in (Shape.ONE, Shape.LIST, Shape.BARE, Shape.STORED):
        shown["Balances"] = _balances(call, contact)
    return wire.without_nulls(shown)


def groups_of(org: Organisation, contact: Contact) -> list[dict[str, Any]]:
    """The active groups of a contact, as a single read of it shows them."""
    return [
        {"ContactGroupID": group.id, "Name": group.name, "Status": group.status, "Contacts": []}
        for group in org.contact_groups
        if group.status == "ACTIVE" and contact.id in group.members
    ]


def _address(contact: Contact, slot: str) -> dict[str, str]:
    empty = {"City": "", "Region": "", "PostalCode": "", "Country": ""}
    return {"AddressType": slot, **empty, **contact.addresses.get(slot, {})}


def _phone(contact: Contact, slot: str) -> dict[str, str]:
    empty = {"PhoneNumber": "", "PhoneAreaCode": "", "PhoneCountryCode": ""}
    return {"PhoneType": slot, **empty, **contact.phones.get(slot, {})}


def _balances(call: Call, contact: Contact) -> dict[str, Any] | None:
    """What is outstanding and overdue in base currency; left out for a contact without approved documents."""
    sums = {"ACCREC": [ZERO, ZERO], "ACCPAY": [ZERO, ZERO]}
    documents, today = 0, call.org.today()
    for invoice in call.org.invoices.find("contact", contact.id):
        if invoice.status != "AUTHORISED":
            continue
        documents += 1
        due = invoice.amount_due / invoice.currency_rate
        sums[invoice.type][0] += due
        if invoice.due_date is not None and invoice.due_date < today:
            sums[invoice.type][1] += due
    if not documents:
        return None
    return {
        "AccountsReceivable": _balance(sums["ACCREC"]),
        "AccountsPayable": _balance(sums["ACCPAY"]),
    }


def _balance(amounts: list[Decimal]) -> dict[str, Decimal]:
    return {"Outstanding": cents(amounts[0]), "Overdue": cents(amounts[1])}


def find(org: Organisation, key: str) -> Contact | None:
    return org.contacts.get(key) or org.contacts.first("number", key)


def filters(call: Call) -> Filters:
    chosen = Filters()
    if ids := call.params.get("ids"):
        wanted = [one.strip().lower() for one in ids.split(",")]
        chosen.candidates = [found for one in wanted if (found := call.org.contacts.get(one))]
    elif not call.flag("includearchived"):
        chosen.tests.append(lambda contact: contact.status != "ARCHIVED")
    if term := call.params.get("searchterm", "").casefold():
        chosen.tests.append(lambda contact: _mentions(contact, term))
    return chosen


def _mentions(contact: Contact, term: str) -> bool:
    return any(
        value is not None and term in value.casefold()
        for value in (
            contact.name,
            contact.first_name,
            contact.last_name,
            contact.contact_number,
            contact.company_number,
            contact.email,
        )
    )


_ADDRESS = declare(
    {
        "AddressType": ("AddressType", one_of("POBOX", "STREET", kind="AddressType")),
        **{
            name: (name, text)
            for name in (
                "AddressLine1",
                "AddressLine2",
                "AddressLine3",
                "AddressLine4",
                "City",
                "Region",
                "PostalCode",
                "Country",
                "AttentionTo",
            )
        },
    }
)
_PHONE = declare(
    {
        "PhoneType": ("PhoneType", one_of(*PHONE_SLOTS, "OFFICE", kind="PhoneType")),
        "PhoneNumber": ("PhoneNumber", text),
        "PhoneAreaCode": ("PhoneAreaCode", text),
        "PhoneCountryCode": ("PhoneCountryCode", text),
    }
)
_PERSON = declare(
    {
        "FirstName": ("FirstName", text),
        "LastName": ("LastName", text),
        "EmailAddress": ("EmailAddress", text),
        "IncludeInEmails": ("IncludeInEmails", boolean),
    }
)
_TERM = declare(
    {
        "Day": ("Day", whole),
        "Type": (
            "Type",
            one_of(
                "DAYSAFTERBILLDATE",
                "DAYSAFTERBILLMONTH",
                "OFCURRENTMONTH",
                "OFFOLLOWINGMONTH",
                kind="PaymentTermType",
            ),
        ),
    }
)
_TRACKING = declare(
    {
        "TrackingCategoryName": ("TrackingCategoryName", text),
        "TrackingOptionName": ("TrackingOptionName", text),
    }
)
_THEME = declare({"BrandingThemeID": ("id", guid)})
_LISTS = {"persons", "sales_tracking", "purchases_tracking"}
# an empty text leaves nothing of these, not even an empty text
_CLEARED = (
    "contact_number",
    "default_currency",
    "receivable_tax_type",
    "payable_tax_type",
    "sales_account",
    "purchases_account",
)
_NOT_KEPT = {"id", "branding_theme"}
_BASIS = one_of("INCLUSIVE", "EXCLUSIVE", "NONE", kind="LineAmountType")

FIELDS = declare(
    {
        "ContactID": ("id", guid),
        "ContactNumber": ("contact_number", text),
        "AccountNumber": ("account_number", text),
        "CompanyNumber": ("company_number", text),
        "ContactStatus": ("status", one_of("ACTIVE", "ARCHIVED", "GDPRREQUEST", kind="ContactStatus")),
        "Name": ("name", text),
        "FirstName": ("first_name", text),
        "LastName": ("last_name", text),
        "EmailAddress": ("email", text),
        "BankAccountDetails": ("bank_account_details", text),
        "TaxNumber": ("tax_number", text),
        "DefaultCurrency": ("default_currency", text),
        "AccountsReceivableTaxType": ("receivable_tax_type", text),
        "AccountsPayableTaxType": ("payable_tax_type", text),
        "SalesDefaultAccountCode": ("sales_account", text),
        "PurchasesDefaultAccountCode": ("purchases_account", text),
        "SalesDefaultLineAmountType": ("sales_basis", _BASIS),
        "PurchasesDefaultLineAmountType": ("purchases_basis", _BASIS),
        "PaymentTerms": (
            "payment_terms",
            nested(declare({"Bills": ("Bills", nested(_TERM)), "Sales": ("Sales", nested(_TERM))})),
        ),
        "BrandingTheme": ("branding_theme", nested(_THEME)),
        "Addresses": ("addresses", nested_list(_ADDRESS)),
        "Phones": ("phones", nested_list(_PHONE)),
        "ContactPersons": ("persons", nested_list(_PERSON)),
        "SalesTrackingCategories": ("sales_tracking", nested_list(_TRACKING)),
        "PurchasesTrackingCategories": ("purchases_tracking", nested_list(_TRACKING)),
    }
)


def match(call: Call, sent: Sent) -> Contact | None:
    """By ContactID, then ContactNumber, then Name (the order is inferred)."""
    contacts = call.org.contacts
    if "id" in sent:
        return contacts.get(sent["id"])
    found = contacts.first("number", sent["contact_number"]) if sent.get("contact_number") else None
    return found or contacts.first("active_name", sent.get("name", "").casefold())


def write(call: Call, sent: Sent, existing: Contact | None) -> Outcome:
    if existing is not None and existing.status == "ARCHIVED":
        return Outcome(_merged(existing, sent), [ARCHIVED])
    contact = _merged(existing or Contact(), sent)
    errors = contact_rules.errors(call.org, contact, sent)
    if existing is None and sent.get("id", NOTHING_GUID) != NOTHING_GUID and call.request.method == "POST":
        errors.append("The Contact with the specified ContactID could not be found")  # wording invented
    if not errors:
        contact.id = call.org.new_id() if existing is None else existing.id
        contact.updated = call.now
        call.org.contacts.put(contact)
    return Outcome(contact, errors, created=existing is None)


def _merged(existing: Contact, sent: Sent) -> Contact:
    """What was sent laid over what is there; sent lists replace, addresses and phones by their type."""
    contact = copy.copy(existing)
    for name, value in sent.items():
        if name == "addresses":
            contact.addresses = {**contact.addresses, **_by_type(value, "AddressType", "POBOX")}
        elif name == "phones":
            contact.phones = {**contact.phones, **_by_type(value, "PhoneType", "DEFAULT")}
        elif name in _LISTS:
            setattr(contact, name, tuple(value))
        elif name not in _NOT_KEPT:
            setattr(contact, name, value)
    for name in _CLEARED:
        setattr(contact, name, getattr(contact, name) or None)
    return contact


def _by_type(sent: list[Sent], key: str, default: str) -> dict[str, dict[str, str]]:
    return {
        one.get(key, default): {name: value for name, value in one.items() if name != key and value} for one in sent
    }


def mark_used(org: Organisation, contact_id: str, sales: bool) -> None:
    """The first invoice makes a customer, the first bill a supplier; the contact's update time does not
    move."""
    contact = org.contacts.get(contact_id)
    if contact is None or (contact.is_customer if sales else contact.is_supplier):
        return
    marked = copy.copy(contact)
    if sales:
        marked.is_customer = True
    else:
        marked.is_supplier = True
    org.contacts.put(marked)


RESOURCE = Resource(
    name="Contacts",
    element="Contact",
    id_key="ContactID",
    scopes=("accounting.contacts",),
    table=lambda org: org.contacts,
    show=show,
    find=find,
    number=lambda contact: contact.contact_number or contact.name,
    columns={
        "contactid": lambda _, contact: contact.id,
        "name": lambda _, contact: contact.name,
        "contactnumber": lambda _, contact: contact.contact_number,
        "accountnumber": lambda _, contact: contact.account_number,
        "companynumber": lambda _, contact: contact.company_number,
        "emailaddress": lambda _, contact: contact.email or "",
        "firstname": lambda _, contact: contact.first_name,
        "lastname": lambda _, contact: contact.last_name,
        "taxnumber": lambda _, contact: contact.tax_number,
        "contactstatus": lambda _, contact: contact.status,
        "iscustomer": lambda _, contact: contact.is_customer,
        "issupplier": lambda _, contact: contact.is_supplier,
        "updateddateutc": lambda _, contact: wire.moment(contact.updated),
    },
    lookups={
        "contactid": lambda org, value: [found] if (found := org.contacts.get(value.lower())) else [],
        "contactnumber": lambda org, value: org.contacts.find("number", value),
    },
    paged=True,
    shows_today=True,
    filters=filters,
    fields=FIELDS,
    put="many",
    post="many",
    post_one=True,
    write=write,
    match=match,
    below={"cissettings": renderings.serve_contact_cis},
)
