"""The id that answers show for what was never stored."""

NOTHING_GUID = "00000000-0000-0000-0000-000000000000"
