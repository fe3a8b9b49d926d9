"""The resources of the twin, one module each, in one table.

Adding a resource is a record (`records.py`), a table in the organisation, a module here that fills in a
`Resource`, and a line below.
"""

from xero_twin.resource import Resource
from xero_twin.resources import (
    accounts,
    contacts,
    currencies,
    invoices,
    items,
    payments,
    tax_rates,
    tracking_categories,
)

RESOURCES: dict[str, Resource] = {
    module.RESOURCE.name.lower(): module.RESOURCE
    for module in (
        accounts,
        contacts,
        currencies,
        invoices,
        items,
        payments,
        tax_rates,
        tracking_categories,
    )
}
