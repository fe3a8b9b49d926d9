"""Items that people made in Xero become products, to be completed by somebody: status Set Up Required.

In: kept contents of items whose code no product has. Out: products with what Xero has; a finding for each item that
Xero tracks as inventory. Always: a product that Core has under the same code is left to the planner, which adopts it.
"""

from __future__ import annotations

from typing import Any

import msgspec
from django.db import transaction

from tieout.core.operations.taking import take_products
from tieout.sync.incoming import contents
from tieout.sync.incoming.taking import ACTOR, Taking, Untaken
from tieout.sync.incoming.translation import Chart, product_fields
from tieout.xero import types

_NEW = f"""
    select c.id, c.xero_id::text, c.content from sync_xerocontent c
      join sync_xerorecord x on x.connection_id = c.connection_id and x.xero_id = c.xero_id
     where c.connection_id = %(connection)s and c.kind = 'product' and c.id > %(after)s
       and {contents.UNKNOWN} and {contents.IS_PRODUCT}
     order by c.id limit %(chunk)s"""  # noqa: S608 - conditions of that module
_TRACKED = f"""
    select x.xero_id::text, x.number from sync_xerorecord x
     where {contents.UNKNOWN} and {contents.IS_PRODUCT}"""  # noqa: S608 - conditions of that module


class ItemsIn:
    """What one run takes over."""

    def __init__(self, taking: Taking) -> None:
        self._taking = taking

    def take_over(self) -> int:
        """How many became products."""
        self._tell_tracked()
        made, after = 0, 0
        chart = Chart.of(self._taking.organisation)
        while rows := self._taking.run(_NEW, **self._asked(), after=after):
            after = rows[-1][0]
            with transaction.atomic():
                made += self._take({xero_id: _item(content) for _, xero_id, content in rows}, chart)
        return made

    def _asked(self, **more: Any) -> dict[str, Any]:
        return contents.values(self._taking.connection, **more)

    def _take(self, items: dict[str, types.Item], chart: Chart) -> int:
        wanted = {xero_id: product_fields(item, chart) for xero_id, item in items.items()}
        taken, refused = take_products(self._taking.organisation, wanted, actor=ACTOR, setup=self._taking.setup)
        self._taking.bind("product", {product.pk: xero_id for xero_id, product in taken.items()}, theirs=False)
        self._taking.tell("product", [_untaken(xero_id, items[xero_id], why) for xero_id, why in refused.items()])
        return len(taken)

    def _tell_tracked(self) -> None:
        rows = self._taking.run(_TRACKED, **self._asked(items=["TRACKED"]))
        self._taking.tell("product", [Untaken(xero_id, code, _tracked(code)) for xero_id, code in rows])


def _item(content: Any) -> types.Item:
    return msgspec.json.decode(bytes(content), type=types.Item)


def _untaken(xero_id: str, item: types.Item, why: str) -> Untaken:
    code = item.code or ""
    return Untaken(xero_id, code, f"The item {code} was made in Xero and cannot be taken over into Core: {why}")


def _tracked(code: str) -> str:
    return (
        f"Xero tracks the item {code} as inventory, so it is not taken over into Core: both would keep its stock and "
        f"post its cost. Clear “I track this item” in Xero; if it has history there, make a new untracked item instead."
    )
