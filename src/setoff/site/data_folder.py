"""Where Setoff keeps what is its own on this machine: the embedded database, secrets, mail that was not sent."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from setoff.core.errors import DomainError, ErrorCode

FOLDER: Final = "SETOFF_DATA_DIR"


def data_folder() -> Path:
    """The user's folder for Setoff's data, made when absent: SETOFF_DATA_DIR or the platform's own place. Errors:
    database_unreachable when it cannot be made."""
    import platformdirs

    given = os.environ.get(FOLDER)
    folder = Path(given).expanduser().resolve() if given else platformdirs.user_data_path("setoff", appauthor=False)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise DomainError(ErrorCode.DATABASE_UNREACHABLE, address=str(folder), reason=str(problem)) from problem
    return folder
