"""Files of contracts: listed, attached, read, removed. See attachments/services.py."""

from __future__ import annotations

from typing import Any, Final

from ninja import Router

from setoff.api.attachments import BYTES, AttachmentAnswer, Name, Number, attached, listed, sent
from setoff.api.call import Answer, Call, Code
from setoff.api.endpoint import endpoint
from setoff.api.uploads import Upload
from setoff.attachments.queries import of_contract
from setoff.attachments.services import remove_attachment
from setoff.core.errors import DomainError, ErrorCode

router: Final = Router()


@endpoint(router, "GET", "/contract-files/{path:code}/files/{number}", tag="attachments", media=(BYTES,))
def read_contract_file(call: Call, code: Code, number: Number) -> Any:
    """The file as it was attached."""
    return sent(call, of_contract(code), number, contract=code)


@endpoint(router, "DELETE", "/contract-files/{path:code}/files/{number}", tag="attachments", status=204)
def remove_file_of_contract(call: Call, code: Code, number: Number) -> Any:
    """A file is shown no more; it is kept."""
    _require(call)
    remove_attachment(call.conn, of_contract(code), number, call.actor)
    return Answer()


@endpoint(router, "GET", "/contract-files/{path:code}", tag="attachments", answer=list[AttachmentAnswer])
def list_contract_files(call: Call, code: Code) -> Any:
    """Files of a contract, in the order in which they came."""
    return listed(call, of_contract(code))


@endpoint(router, "POST", "/contract-files/{path:code}", tag="attachments", upload=(BYTES,), answer=AttachmentAnswer, status=201)
def attach_file_to_contract(call: Call, body: Upload, code: Code, name: Name) -> Any:
    """Keep a file with a contract; what it is, is found in its content."""
    _require(call)
    return attached(call, body, of_contract(code), name)


def _require(call: Call) -> None:
    """The database lets a person change contracts of his organizations alone; others he does not see."""
    if not call.rights.units_with("draft"):
        raise DomainError(ErrorCode.NOT_PERMITTED, right="draft", unit="*")
