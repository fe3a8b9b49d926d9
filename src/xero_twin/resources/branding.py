"""Branding themes: an organisation of the twin has none, so that whoever names one is refused."""

from xero_twin.records import NOTHING_GUID


def errors(theme_id: str | None) -> list[str]:
    """Why a document or a contact may not have this theme; the sentence is invented."""
    return ["The branding theme could not be found."] if theme_id not in (None, NOTHING_GUID) else []
