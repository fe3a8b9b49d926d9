"""The `Url` of a document, shown in Xero as "Go to …": a valid address that does not lead back to Xero."""


def errors(url: str | None) -> list[str]:
    """The rule is Xero's for invoices, and for other records by analogy; the sentence is invented."""
    if url and (not url.startswith(("http://", "https://")) or "xero" in url.lower()):
        return ["Url must be a valid address that does not contain 'xero'."]
    return []
