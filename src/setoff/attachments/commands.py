"""`setoff attach` and `setoff attachments`: files of documents from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import psycopg

    from setoff.attachments.queries import Owner

Key = Annotated[str, typer.Argument(help="Key of the document, or code of the contract.", show_default=False)]
OfContract = Annotated[bool, typer.Option("--contract", help="The files are a contract's.")]


def attach(key: Key, files: Annotated[list[Path], typer.Argument(help="Files to attach.", show_default=False)],
           of_contract: OfContract = False) -> None:  # fmt: skip
    """Attach files to a document or a contract: papers, pictures, spreadsheets, texts; up to 20 MiB each."""
    from setoff.attachments.services import attach_file
    from setoff.core.errors import DomainError, ErrorCode
    from setoff.language import default_language, text
    from setoff.settlements.commands import actor
    from setoff.site import database

    database.prepare()
    with database.connect() as conn, conn.transaction():
        owner, shown = _owner(conn, key, of_contract)
        for path in files:
            try:
                content = path.read_bytes()
            except OSError as problem:
                raise DomainError(ErrorCode.FILE_UNREADABLE, file=str(path), reason=problem.strerror or "") from problem
            attach_file(conn, owner, path.name, content, actor())
            typer.echo(text(default_language(), "attachment-attached", name=path.name, document=shown))


def attachments(
    key: Key,
    save_to: Annotated[Path | None, typer.Option("--save-to", help="Write the files into this folder.", file_okay=False)] = None,
    remove: Annotated[int, typer.Option("--remove", help="Remove the attachment with this id.", show_default=False)] = 0,
    of_contract: OfContract = False,
) -> None:
    """The files of a document or a contract: id, name, type, size, sha256."""
    from setoff.attachments.queries import attachments_of, content_of
    from setoff.attachments.services import remove_attachment
    from setoff.settlements.commands import actor
    from setoff.site import database

    database.prepare()
    with database.connect() as conn:
        owner, _shown = _owner(conn, key, of_contract)
        if remove:
            remove_attachment(conn, owner, remove, actor())
        for found in attachments_of(conn, owner):
            typer.echo(f"{found.id}\t{found.name}\t{found.media_type}\t{found.size}\t{found.sha256}")
            if save_to is not None:
                save_to.mkdir(parents=True, exist_ok=True)
                (save_to / f"{found.id}-{found.name}").write_bytes(content_of(conn, owner, found.id))


def _owner(conn: psycopg.Connection[Any], key: str, is_contract: bool) -> tuple[Owner, str]:
    """Whose files, and how people call that. Errors: unknown_reference."""
    from setoff.attachments.queries import of_contract, of_document
    from setoff.settlements.services import known_document

    if is_contract:
        return of_contract(key), key
    document = known_document(conn, key).row
    return of_document(document.id), document.number
