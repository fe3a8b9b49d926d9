"""`filter(number__any=numbers)`: as `__in`, but with one parameter however many values there are.

In: texts or UUIDs. Out: `column = any(…)`. Always: the same rows as `__in`, and no query for no values. A statement
with hundreds of parameters costs more to write than to run.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db.models import Field, Lookup
from django.db.models.fields.related import ForeignObject


def array(ids: Collection[UUID]) -> str:
    """PostgreSQL's own notation: a third faster to send than a list of a thousand UUIDs."""
    return "{" + ",".join([key.hex for key in ids]) + "}"


@Field.register_lookup
@ForeignObject.register_lookup
class AnyOf(Lookup):
    lookup_name = "any"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        values = list(self.rhs)
        if not values:
            raise EmptyResultSet
        column, parameters = self.process_lhs(compiler, connection)
        if isinstance(values[0], UUID):
            return f"{column} = any(%s::uuid[])", (*parameters, array(values))
        return f"{column} = any(%s::text[])", (*parameters, values)
