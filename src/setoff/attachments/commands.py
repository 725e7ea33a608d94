"""`setoff attach` and `setoff attachments`: files of documents from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Key = Annotated[str, typer.Argument(help="Key of the document.", show_default=False)]


def attach(key: Key, files: Annotated[list[Path], typer.Argument(help="Files to attach.", show_default=False)]) -> None:
    """Attach files to a document: papers, pictures, spreadsheets, texts; up to 20 MiB each."""
    from setoff.attachments.services import attach_file
    from setoff.core.errors import DomainError, ErrorCode
    from setoff.language import default_language, text
    from setoff.settlements.commands import actor
    from setoff.settlements.services import known_document
    from setoff.site import database

    database.prepare()
    with database.connect() as conn, conn.transaction():
        document = known_document(conn, key).row
        for path in files:
            try:
                content = path.read_bytes()
            except OSError as problem:
                raise DomainError(ErrorCode.FILE_UNREADABLE, file=str(path), reason=problem.strerror or "") from problem
            attach_file(conn, document.id, path.name, content, actor())
            typer.echo(text(default_language(), "attachment-attached", name=path.name, document=document.number))


def attachments(
    key: Key,
    save_to: Annotated[Path | None, typer.Option("--save-to", help="Write the files into this folder.", file_okay=False)] = None,
    remove: Annotated[int, typer.Option("--remove", help="Remove the attachment with this id.", show_default=False)] = 0,
) -> None:
    """The files of a document: id, name, type, size, sha256."""
    from setoff.attachments.queries import attachments_of, content_of
    from setoff.attachments.services import remove_attachment
    from setoff.settlements.commands import actor
    from setoff.settlements.services import known_document
    from setoff.site import database

    database.prepare()
    with database.connect() as conn:
        document = known_document(conn, key).row
        if remove:
            remove_attachment(conn, document.id, remove, actor())
        for found in attachments_of(conn, document.id):
            typer.echo(f"{found.id}\t{found.name}\t{found.media_type}\t{found.size}\t{found.sha256}")
            if save_to is not None:
                save_to.mkdir(parents=True, exist_ok=True)
                (save_to / f"{found.id}-{found.name}").write_bytes(content_of(conn, found))
