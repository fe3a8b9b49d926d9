"""Accounts: the chart of accounts. PUT creates one, POST on an id updates or archives one, DELETE removes
an unused one.

System accounts cannot be archived or deleted; codes and names are unique. All come in one list without pages.
"""

import copy
from typing import Any

from xero_twin import charts, wire
from xero_twin.errors import invalid
from xero_twin.fields import Sent, boolean, declare, one_of, text
from xero_twin.organisation import Organisation
from xero_twin.reading import envelope
from xero_twin.records import Account
from xero_twin.resource import Call, Outcome, Resource, Shape, record_id
from xero_twin.resources import attachments
from xero_twin.resources.currencies import not_subscribed
from xero_twin.wire import Response


def show(call: Call, account: Account, _shape: Shape) -> dict[str, Any]:
    return wire.without_nulls(
        {
            "AccountID": record_id(account),
            "Code": account.code,
            "Name": account.name,
            "Status": account.status,
            "Type": account.type or None,
            "TaxType": account.tax_type,
            "Description": account.description,
            "Class": charts.CLASS_OF_TYPE.get(account.type),
            "SystemAccount": account.system_account,
            "EnablePaymentsToAccount": account.enable_payments,
            "ShowInExpenseClaims": account.show_in_expense_claims,
            "BankAccountNumber": account.bank_account_number,
            "BankAccountType": account.bank_account_type,
            "CurrencyCode": account.currency,
            "ReportingCode": account.reporting_code,
            "HasAttachments": attachments.has_any(call.org, "Accounts", account.id),
            "UpdatedDateUTC": wire.instant(account.updated),
            "AddToWatchlist": account.add_to_watchlist,
        }
    )


def find(org: Organisation, key: str) -> Account | None:
    return org.accounts.get(key)


FIELDS = declare(
    {
        "Code": ("code", text),
        "Name": ("name", text),
        "Type": ("type", one_of(*charts.CLASS_OF_TYPE, kind="AccountType")),
        "Status": ("status", one_of("ACTIVE", "ARCHIVED", kind="AccountStatus")),
        "Description": ("description", text),
        "TaxType": ("tax_type", text),
        "BankAccountNumber": ("bank_account_number", text),
        "BankAccountType": ("bank_account_type", one_of("BANK", "CREDITCARD", "PAYPAL", kind="BankAccountType")),
        "CurrencyCode": ("currency", text),
        "EnablePaymentsToAccount": ("enable_payments", boolean),
        "ShowInExpenseClaims": ("show_in_expense_claims", boolean),
        "AddToWatchlist": ("add_to_watchlist", boolean),
    }
)


def write(call: Call, sent: Sent, existing: Account | None) -> Outcome:
    account = Account() if existing is None else copy.copy(existing)
    for name, value in sent.items():
        setattr(account, name, value)
    if account.type == "BANK":
        account.currency = account.currency or call.org.base_currency
        account.bank_account_type = account.bank_account_type or "BANK"
    errors = _errors(call.org, account, existing)
    outcome = Outcome(account, errors, created=existing is None)
    if not errors:
        account.id = call.org.new_id() if existing is None else existing.id
        account.tax_type = account.tax_type or "NONE"
        account.updated = call.now
        call.org.accounts.put(account)
    return outcome


def _errors(org: Organisation, account: Account, existing: Account | None) -> list[str]:
    errors = _bank_errors(org, account)
    if not account.name.strip():
        errors.append("Account name must be specified")  # wording invented
    if not account.type:
        errors.append("Account type must be specified")  # wording invented
    if account.type != "BANK" and not (account.code or "").strip():
        errors.append("Account code must be specified")
    if account.code and len(account.code) > 10:
        errors.append("Account Code is too long. Maximum of 10 characters allowed")
    if _taken(org, "name", account.name.casefold(), account.id):
        errors.append("Please enter a unique Name.")
    if account.code and _taken(org, "code", account.code, account.id):
        errors.append("Please enter a unique Code.")
    rate = org.tax_rates.get(account.tax_type or "")
    if account.tax_type and (rate is None or rate.status != "ACTIVE"):
        errors.append("Tax rate must be valid.")
    errors += [
        f"{label} must be no longer than {longest} characters."  # wording invented
        for label, text_of, longest in (("Name", account.name, 150), ("Description", account.description or "", 4000))
        if len(text_of) > longest
    ]
    if existing is None and account.status != "ACTIVE":
        errors.append("Account not of valid status for creation")  # by analogy with invoices
    if existing is not None and existing.system_account and account.status == "ARCHIVED":
        errors.append("A system account cannot be archived.")  # wording invented
    return errors


def _bank_errors(org: Organisation, account: Account) -> list[str]:
    """What bank accounts need, and what only they have; the sentences but that about currencies are invented."""
    if account.type != "BANK":
        banking = account.bank_account_number or account.bank_account_type or account.currency
        return ["Only bank accounts have a number, a bank account type and a currency."] if banking else []
    errors = [] if account.bank_account_number else ["Bank account number must be specified"]
    if problem := not_subscribed(org, account.currency or org.base_currency):
        errors.append(problem)
    if account.description:
        errors.append("Bank accounts have no description.")
    return errors


def _taken(org: Organisation, index: str, value: str, own_id: str) -> bool:
    return any(other.id != own_id for other in org.accounts.find(index, value))


def delete(call: Call, account: Account) -> Response:
    """Only an unused account can be deleted; the sentences are invented."""
    if account.system_account:
        raise invalid("A system account cannot be deleted.")
    if is_used(call.org, account):
        raise invalid("This account has been used and cannot be deleted.")
    call.org.accounts.remove(account.id)
    call.line.updated.append(("Accounts", account.id, account.code))
    account = copy.copy(account)
    account.status = "DELETED"
    return wire.json_response(200, {**envelope(call), "Accounts": [show(call, account, Shape.ONE)]})


def is_used(org: Organisation, account: Account) -> bool:
    """Whether a document, a payment, a transfer or an item refers to the account."""
    if any(payment.account_id == account.id for payment in org.payments):
        return True
    codes = {account.code}
    if any(
        codes & {item.sales_account, item.purchase_account, item.cogs_account, item.inventory_account} - {None}
        for item in org.items
    ):
        return True
    if any(account.id in (one.from_account_id, one.to_account_id) for one in org.bank_transfers):
        return True
    if any(one.account_id == account.id for one in org.bank_transactions):
        return True
    return any(line.posting.account_id == account.id for line in org.lines())


RESOURCE = Resource(
    name="Accounts",
    element="Account",
    id_key="AccountID",
    scopes=("accounting.settings",),
    table=lambda org: org.accounts,
    show=show,
    find=find,
    number=lambda account: account.code,
    columns={
        "accountid": lambda _, account: account.id,
        "code": lambda _, account: account.code,
        "name": lambda _, account: account.name,
        "type": lambda _, account: account.type,
        "status": lambda _, account: account.status,
        "class": lambda _, account: charts.CLASS_OF_TYPE.get(account.type),
        "taxtype": lambda _, account: account.tax_type,
        "systemaccount": lambda _, account: account.system_account,
        "enablepaymentstoaccount": lambda _, account: account.enable_payments,
        "updateddateutc": lambda _, account: wire.moment(account.updated),
    },
    lookups={"code": lambda org, value: org.accounts.find("code", value)},
    fields=FIELDS,
    put="one",
    post_one=True,
    write=write,
    delete=delete,
)
