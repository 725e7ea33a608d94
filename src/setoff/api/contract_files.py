"""Files of contracts: listed, attached, read, removed. See attachments/contract_files.py."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from ninja import Router

from setoff.api.answers import Said
from setoff.api.attachments import BYTES, Name, Number
from setoff.api.call import Answer, Call, Code
from setoff.api.endpoint import endpoint
from setoff.api.trail import tell_export
from setoff.api.uploads import Upload
from setoff.attachments.contract_files import ContractFile, attach_to_contract, contract_file, contract_files, remove_contract_file
from setoff.core.errors import DomainError, ErrorCode

router: Final = Router()


class ContractFileAnswer(Said):
    """A file of a contract."""

    id: int
    name: str
    media_type: str
    size: int
    sha256: str
    author: str
    recorded_at: str


@endpoint(router, "GET", "/contract-files/{path:code}/files/{number}", tag="attachments", media=(BYTES,))
def read_contract_file(call: Call, code: Code, number: Number) -> Any:
    """The file as it was attached."""
    found, content = contract_file(call.conn, code, number)
    tell_export(call, "read_attachment", contract=code, attachment=number, name=found.name)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name)}", "X-Content-Type-Options": "nosniff",
        "X-File-Type": found.media_type,
    }  # fmt: skip
    return Answer(raw=content, media_type=BYTES, headers=headers)


@endpoint(router, "DELETE", "/contract-files/{path:code}/files/{number}", tag="attachments", status=204)
def remove_file_of_contract(call: Call, code: Code, number: Number) -> Any:
    """A file is shown no more; it is kept."""
    _require(call)
    remove_contract_file(call.conn, code, number, call.actor)
    return Answer()


@endpoint(router, "GET", "/contract-files/{path:code}", tag="attachments", answer=list[ContractFileAnswer])
def list_contract_files(call: Call, code: Code) -> Any:
    """Files of a contract, in the order in which they came."""
    return [_answer(row) for row in contract_files(call.conn, code)]


@endpoint(router, "POST", "/contract-files/{path:code}", tag="attachments", upload=(BYTES,), answer=ContractFileAnswer, status=201)
def attach_file_to_contract(call: Call, body: Upload, code: Code, name: Name) -> Any:
    """Keep a file with a contract; what it is, is found in its content."""
    _require(call)
    number = attach_to_contract(call.conn, code, name, body.path.read_bytes(), call.actor)
    return _answer(contract_file(call.conn, code, number)[0])


def _require(call: Call) -> None:
    """The database lets a person change contracts of his organizations alone; others he does not see."""
    if not call.rights.units_with("draft"):
        raise DomainError(ErrorCode.NOT_PERMITTED, right="draft", unit="*")


def _answer(row: ContractFile) -> ContractFileAnswer:
    return ContractFileAnswer(**{**row._asdict(), "recorded_at": row.recorded_at.isoformat()})
