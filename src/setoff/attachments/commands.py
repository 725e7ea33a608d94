"""`setoff attach` and `setoff attachments`: files of documents from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Key = Annotated[str, typer.Argument(help="Key of the document, or code of the contract.", show_default=False)]
OfContract = Annotated[bool, typer.Option("--contract", help="The files are a contract's.")]


def attach(key: Key, files: Annotated[list[Path], typer.Argument(help="Files to attach.", show_default=False)],
           of_contract: OfContract = False) -> None:  # fmt: skip
    """Attach files to a document or a contract: papers, pictures, spreadsheets, texts; up to 20 MiB each."""
    from setoff.attachments.contract_files import attach_to_contract
    from setoff.attachments.services import attach_file
    from setoff.core.errors import DomainError, ErrorCode
    from setoff.language import default_language, text
    from setoff.settlements.commands import actor
    from setoff.settlements.services import known_document
    from setoff.site import database

    database.prepare()
    with database.connect() as conn, conn.transaction():
        document = None if of_contract else known_document(conn, key).row
        for path in files:
            try:
                content = path.read_bytes()
            except OSError as problem:
                raise DomainError(ErrorCode.FILE_UNREADABLE, file=str(path), reason=problem.strerror or "") from problem
            if document is None:
                attach_to_contract(conn, key, path.name, content, actor())
            else:
                attach_file(conn, document.id, path.name, content, actor())
            name = document.number if document else key
            typer.echo(text(default_language(), "attachment-attached", name=path.name, document=name))


def attachments(
    key: Key,
    save_to: Annotated[Path | None, typer.Option("--save-to", help="Write the files into this folder.", file_okay=False)] = None,
    remove: Annotated[int, typer.Option("--remove", help="Remove the attachment with this id.", show_default=False)] = 0,
    of_contract: OfContract = False,
) -> None:
    """The files of a document or a contract: id, name, type, size, sha256."""
    from setoff.attachments.contract_files import ContractFile, contract_file, contract_files, remove_contract_file
    from setoff.attachments.queries import attachments_of, content_of
    from setoff.attachments.services import remove_attachment
    from setoff.settlements.commands import actor
    from setoff.settlements.services import known_document
    from setoff.site import database

    database.prepare()
    with database.connect() as conn:
        document = None if of_contract else known_document(conn, key).row
        if remove and document:
            remove_attachment(conn, document.id, remove, actor())
        elif remove:
            remove_contract_file(conn, key, remove, actor())
        for found in attachments_of(conn, document.id) if document else contract_files(conn, key):
            typer.echo(f"{found.id}\t{found.name}\t{found.media_type}\t{found.size}\t{found.sha256}")
            if save_to is not None:
                save_to.mkdir(parents=True, exist_ok=True)
                content = contract_file(conn, key, found.id)[1] if isinstance(found, ContractFile) else content_of(conn, found)
                (save_to / f"{found.id}-{found.name}").write_bytes(content)
