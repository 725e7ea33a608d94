"""Loops with one source for both sizes: interpreted over lists for a few debts, compiled by numba for many, kept on disk between runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any


def compiled(functions: Sequence[Callable[..., Any]]) -> list[Callable[..., Any]]:
    """The same functions of one module, compiled; each may call those before it. numba is imported here, so that a small network never
    waits for it."""
    import numba

    found: dict[str, Any] = {}
    for function in functions:

        copy = FunctionType(function.__code__, {**function.__globals__, **found}, function.__name__)
        copy.__module__ = function.__module__
        found[function.__name__] = numba.njit(cache=True, nogil=True)(copy)
    return list(found.values())
