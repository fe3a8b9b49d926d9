"""Finding an organisation by its short name, for the shell and other faces."""

from __future__ import annotations

from tieout.core.models import Organisation
from tieout.exit_codes import WrongUsage


def named(slug: str) -> Organisation:
    """The organisation of that short name. Raises WrongUsage, naming those that exist."""
    organisation = Organisation.objects.filter(slug=slug).first()
    if organisation is None:
        known = ", ".join(Organisation.objects.values_list("slug", flat=True)[:20]) or "there are none yet"
        raise WrongUsage(f"There is no organisation “{slug}”. Known: {known}.")
    return organisation
