"""The engine's tables."""

from tieout.sync.models.agreement import Binding, XeroContent, XeroRecord
from tieout.sync.models.connection import Budget, CallCount, Connection, Cursor, Grant
from tieout.sync.models.consolidation import ConsolidatedDocument, ConsolidatedMember, ConsolidationPolicy
from tieout.sync.models.correction import Correction, DifferenceDocument
from tieout.sync.models.history import (
    SHOWN_AS,
    Attempt,
    Batch,
    Entry,
    Finding,
    Run,
    Status,
    StatusBefore,
    StatusChange,
)

__all__ = [
    "SHOWN_AS",
    "Attempt",
    "Batch",
    "Binding",
    "Budget",
    "CallCount",
    "Connection",
    "ConsolidatedDocument",
    "ConsolidatedMember",
    "ConsolidationPolicy",
    "Correction",
    "Cursor",
    "DifferenceDocument",
    "Entry",
    "Finding",
    "Grant",
    "Run",
    "Status",
    "StatusBefore",
    "StatusChange",
    "XeroContent",
    "XeroRecord",
]
