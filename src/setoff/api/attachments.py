"""Files of documents, and what they share with those of contracts: listed, attached, read, removed. See attachments/services.py."""

from __future__ import annotations

from typing import Annotated, Any, Final
from urllib.parse import quote

from ninja import Router
from pydantic import Field

from setoff.access.rights import Right
from setoff.api.answers import Said
from setoff.api.call import Answer, Call
from setoff.api.endpoint import endpoint
from setoff.api.queries import Stands, known
from setoff.api.trail import tell_export
from setoff.api.uploads import Upload
from setoff.attachments.queries import Attachment, Owner, attachment, attachments_of, content_of, of_document
from setoff.attachments.services import attach_file, remove_attachment

router: Final = Router()
BYTES: Final = "application/octet-stream"
Key = Annotated[str, Field(max_length=400, description="Key of the document.")]
Number = Annotated[int, Field(ge=1, le=(1 << 63) - 1, description="Number of the attachment.")]
Name = Annotated[str, Field(min_length=1, max_length=255, description="Name of the file.")]


class AttachmentAnswer(Said):
    """A file of a document or a contract."""

    id: int
    name: str
    media_type: str
    size: int
    sha256: str
    author: str
    recorded_at: str


# The file of a document is declared before the document alone: a key has slashes, and the first address that fits counts.
@endpoint(router, "GET", "/attachments/{path:key}/files/{number}", tag="attachments", media=(BYTES,))
def read_attachment(call: Call, key: Key, number: Number) -> Any:
    """The file as it was attached."""
    document = _document(call, key, "read")
    return sent(call, of_document(document.id), number, unit_id=document.unit_id, document_id=document.id)


@endpoint(router, "DELETE", "/attachments/{path:key}/files/{number}", tag="attachments", status=204)
def remove_file(call: Call, key: Key, number: Number) -> Any:
    """A file is shown no more; it is kept."""
    remove_attachment(call.conn, of_document(_document(call, key, "draft").id), number, call.actor)
    return Answer()


@endpoint(router, "GET", "/attachments/{path:key}", tag="attachments", answer=list[AttachmentAnswer])
def list_attachments(call: Call, key: Key) -> Any:
    """Files of a document, in the order in which they came."""
    return listed(call, of_document(_document(call, key, "read").id))


@endpoint(router, "POST", "/attachments/{path:key}", tag="attachments", upload=(BYTES,), answer=AttachmentAnswer, status=201)
def attach(call: Call, body: Upload, key: Key, name: Name) -> Any:
    """Keep a file with a document; what it is, is found in its content."""
    return attached(call, body, of_document(_document(call, key, "draft").id), name)


def sent(call: Call, owner: Owner, number: int, **whose: Any) -> Answer:
    """A file with its name; `whose` is how the audit trail names the owner."""
    found = attachment(call.conn, owner, number)
    tell_export(call, "read_attachment", attachment=number, name=found.name, **whose)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name)}", "X-Content-Type-Options": "nosniff",
        "X-File-Type": found.media_type,
    }  # fmt: skip
    return Answer(raw=content_of(call.conn, owner, number), media_type=BYTES, headers=headers)


def listed(call: Call, owner: Owner) -> list[AttachmentAnswer]:
    return [_answer(row) for row in attachments_of(call.conn, owner)]


def attached(call: Call, body: Upload, owner: Owner, name: str) -> AttachmentAnswer:
    number = attach_file(call.conn, owner, name, body.path.read_bytes(), call.actor)
    return _answer(attachment(call.conn, owner, number))


def _document(call: Call, key: str, right: Right) -> Stands:
    found = known(call.conn, key, call.rights.units_with("read"))
    call.rights.require(right, found.unit_id)
    return found


def _answer(row: Attachment) -> AttachmentAnswer:
    return AttachmentAnswer(**{**row._asdict(), "recorded_at": row.recorded_at.isoformat()})
