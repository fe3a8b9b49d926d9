"""What stands in the way of a record, as values: a code for machines, a sentence, and what to do about it.

The catalogue at the end reads Xero's own refusals. Texts only refine the advice: a refusal that is in no row is a
data problem that a person must look at, with Xero's words shown as they came.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """`local` says that Tieout found it without asking Xero, so that it can be checked again at no cost."""

    code: str
    text: str
    advice: str
    local: bool = True


_CATALOGUE: tuple[tuple[str, str, str], ...] = (
    (
        r"Invoice # must be unique|invoice number must be unique",
        "number-in-use",
        "Another document in Xero holds this number, perhaps a voided one. Renumber it there or here, then try again.",
    ),
    (
        r"Order number must be unique|already exists",
        "number-in-use",
        "Something in Xero holds this number or code already. Rename one of the two, then try again.",
    ),
    (
        r"contact name .* is already assigned",
        "contact-name-in-use",
        "Two contacts may not share a name in Xero. Rename or merge one, then try again.",
    ),
    (
        r"matched an archived contact|has been archived\. The contact must be un-archived",
        "contact-archived",
        "The contact is archived in Xero. Restore it there (Contacts → Archived), then try again.",
    ),
    (
        r"contact number",
        "contact-number-in-use",
        "Another contact in Xero carries this link. Clear its contact number or merge the two, then try again.",
    ),
    (
        r"Payment amount exceeds the amount outstanding",
        "above-due",
        "The payment is larger than what is still due in Xero. Correct the amount, or record the rest as a credit.",
    ),
    (
        r"Payments can only be made against Authorised",
        "document-not-authorised",
        "Approve the document in Xero first, then try again.",
    ),
    (
        r"lock date",
        "lock-date",
        "The period is locked in Xero. Move the lock date there, or date the document in an open period.",
    ),
    (
        r"payment or credit note allocated|has payments or credit notes allocated",
        "paid-in-xero",
        "Remove the payment or credit in Xero first, or correct by a credit note.",
    ),
    (
        r"not of valid status for modification",
        "wrong-status",
        "The document's status in Xero does not allow this change. Look at it in Xero, then try again or skip.",
    ),
    (
        r"Account code .* (has been archived|archived)",
        "account-archived",
        "Restore the account in Xero or choose another one, then try again.",
    ),
    (
        r"Account code .* is not a valid code|Account must be valid|Account could not be found",
        "account-unfit",
        "Choose an account that this kind of document may use, then try again.",
    ),
    (
        r"TaxType code .* cannot be used with account|Tax rate must be valid|TaxType code .* does not exist",
        "tax-unfit",
        "Choose a tax rule that fits the account, then try again.",
    ),
    (
        r"not subscribed to currency",
        "currency-missing",
        "Add the currency in Xero (Settings → Currencies; the plan must have it), then try again.",
    ),
    (
        r"limit of invoices you can approve",
        "plan-limit",
        "The Xero plan allows no more approved documents this month. Send as drafts, or upgrade the plan.",
    ),
    (
        r"line total .* does not match",
        "line-total",
        "Line totals disagree: a defect of Tieout. Please report it.",
    ),
)
_COMPILED = tuple((re.compile(pattern, re.IGNORECASE), code, advice) for pattern, code, advice in _CATALOGUE)


def from_xero(messages: list[str]) -> Problem:
    """The problem behind Xero's validation messages, all of them kept in the text."""
    text = " ".join(messages) or "Xero refused it without a reason."
    for pattern, code, advice in _COMPILED:
        if pattern.search(text):
            return Problem(code, text, advice, local=False)
    return Problem("refused", text, "Correct what Xero names, then set it to Pending; or skip it.", local=False)


def catalogue() -> list[tuple[str, str]]:
    """Code and advice of every refusal that is recognised, for the documentation."""
    return sorted({(code, advice) for _, code, advice in _CATALOGUE})
