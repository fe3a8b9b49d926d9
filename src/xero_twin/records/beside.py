"""What hangs on other records: files and notes."""

import msgspec


class Attachment(msgspec.Struct, gc=False, frozen=True, kw_only=True):
    """A file on a record; `owner` is (resource, id)."""

    id: str
    owner: tuple[str, str]
    file_name: str
    mime_type: str
    content: bytes
    include_online: bool = False
    updated: int = 0


class Note(msgspec.Struct, gc=False, frozen=True, kw_only=True):
    """One history record; `owner` is (resource, id)."""

    id: str
    owner: tuple[str, str]
    changes: str
    details: str
    user: str
    updated: int = 0
