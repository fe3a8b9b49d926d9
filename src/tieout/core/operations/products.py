"""Things sold and bought: create, edit, deprecate, make active again."""

from __future__ import annotations

from dataclasses import asdict, replace
from uuid import UUID

from tieout.core import rules
from tieout.core.fields import ProductFields
from tieout.core.models import Organisation, Product
from tieout.core.operations.recording import difference, fields_of, locked, note, one_change, refuse_if
from tieout.core.setup import read_setup
from tieout.people.models import Action


def create_product(organisation: Organisation, values: ProductFields, *, actor: str) -> Product:
    values = rules.tidied(values)
    refuse_if(rules.check_product(values, read_setup(organisation)))
    with one_change(values):
        product = Product.objects.create(organisation=organisation, **asdict(values))
        note(product, "product", product.sku, Action.CREATED, actor)
    return product


def edit_product(product: Product, values: ProductFields, *, actor: str, version: int | None = None) -> Product:
    """Replace what is entered in the product. The same values again change nothing. May raise Refused, Stale."""
    values = rules.tidied(values)
    refuse_if(rules.check_product(values, read_setup(product.organisation)))
    return store_product(product.pk, values, Action.EDITED, actor, version)


def deprecate_product(product: Product, *, actor: str, version: int | None = None) -> Product:
    """Out of use; documents that name it stay as they are."""
    return _set_status(product, "DEPRECATED", Action.DEPRECATED, actor, version)


def reactivate_product(product: Product, *, actor: str, version: int | None = None) -> Product:
    return _set_status(product, "ACTIVE", Action.REACTIVATED, actor, version)


def _set_status(product: Product, status: str, action: Action, actor: str, version: int | None) -> Product:
    product.refresh_from_db()
    values = replace(fields_of(ProductFields, product), status=status)
    return store_product(product.pk, values, action, actor, version)


def store_product(key: UUID, values: ProductFields, action: Action, actor: str, version: int | None = None) -> Product:
    """The edit itself, for values that obey the rules."""
    with one_change(values):
        current = locked(Product, key, version)
        changed = difference(fields_of(ProductFields, current), values)
        if changed:
            for name, value in asdict(values).items():
                setattr(current, name, value)
            current.version += 1
            current.save()
            note(current, "product", current.sku, action, actor, detail=changed)
    return current
