"""Secrets of an installation: made at first use, kept in the data folder, readable by their owner alone."""

from __future__ import annotations

import os
from collections.abc import Callable

from setoff.site.data_folder import data_folder


def kept_secret(name: str, made: Callable[[], str]) -> str:
    """What the file of that name holds; `made` when there is none yet. Processes that come at once get the same."""
    path = data_folder() / name
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    with os.fdopen(descriptor, "w") as file:
        file.write(made())
    return path.read_text()
