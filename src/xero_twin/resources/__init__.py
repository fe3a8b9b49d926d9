"""The resources of the twin, one module each, in one table.

Adding a resource is a record (`records/`), a table in the organisation, a module here that fills in a
`Resource`, and a line below.
"""

from xero_twin.resource import Resource
from xero_twin.resources import (
    accounts,
    bank_transactions,
    bank_transfers,
    batch_payments,
    contact_groups,
    contacts,
    credit_notes,
    currencies,
    deposits,
    invoices,
    items,
    linked_transactions,
    manual_journals,
    payments,
    purchase_orders,
    tax_rates,
    tracking_categories,
)

RESOURCES: dict[str, Resource] = {
    resource.name.lower(): resource
    for resource in (
        accounts.RESOURCE,
        bank_transactions.RESOURCE,
        bank_transfers.RESOURCE,
        batch_payments.RESOURCE,
        contact_groups.RESOURCE,
        contacts.RESOURCE,
        credit_notes.RESOURCE,
        currencies.RESOURCE,
        invoices.RESOURCE,
        items.RESOURCE,
        linked_transactions.RESOURCE,
        manual_journals.RESOURCE,
        deposits.OVERPAYMENTS,
        payments.RESOURCE,
        deposits.PREPAYMENTS,
        purchase_orders.RESOURCE,
        tax_rates.RESOURCE,
        tracking_categories.RESOURCE,
    )
}
