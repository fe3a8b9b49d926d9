"""What can go wrong with the embedded database, as sentences for the person who started Tieout.

EmbeddedPostgresError   the server cannot be made, started or entered; the text says why and what to do
"""


class EmbeddedPostgresError(Exception):
    """The embedded database cannot be used; the text names the reason, what to do, and the log's last lines."""
