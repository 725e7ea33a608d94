"""Networks that were read from a file, and what was cleared of a network: kept for all workers, found by the hash of what was put in.

    digest_of(network)                 the same for the same debts, whoever asks
    keep_result / kept_result          cleared amounts and levels, by that hash: the second look does not solve again
    keep_networks / kept_networks      the networks of a file that somebody uploaded: his alone, for KEPT_DAYS

Kept in the cache that all workers share (the database), and the last few in this process. What is not kept is made again: a network of
the books is solved anew, a file is asked for again (unknown_reference).
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from io import BytesIO
from typing import Any, Final

import numpy as np
from django.core.cache import cache

from setoff.clearing.picture import Network
from setoff.clearing.solve import Cleared
from setoff.core.errors import DomainError, ErrorCode

KEPT_DAYS: Final = 7
KEPT_SECONDS: Final = KEPT_DAYS * 24 * 3600
IN_MEMORY: Final = 8
"""The largest networks are some tens of MiB."""
_near: Final[OrderedDict[str, Any]] = OrderedDict()
_turn: Final = threading.Lock()


def digest_of(network: Network) -> str:
    """SHA-256 of the currency, the parties and the debts in their order."""
    told = hashlib.sha256(json.dumps([network.currency, network.names], ensure_ascii=False).encode())
    for column in (network.debtor, network.creditor, network.amount):
        told.update(np.ascontiguousarray(column, np.int64).tobytes())
    return told.hexdigest()


def keep_result(digest: str, result: Cleared) -> None:
    name = f"network-result-{digest}"
    _remember(name, result)
    cache.set(name, _packed(flow=result.flow, levels=result.levels), KEPT_SECONDS)


def kept_result(digest: str) -> Cleared | None:
    name = f"network-result-{digest}"
    near: Cleared | None = _remembered(name)
    if near is not None:
        return near
    found = cache.get(name)
    if found is None:
        return None
    columns = _unpacked(found)
    result = Cleared(columns["flow"], columns["levels"])
    _remember(name, result)
    return result


def keep_networks(user_id: int, networks: list[Network]) -> str:
    """By what name the person finds them again."""
    name = hashlib.sha256("".join(digest_of(network) for network in networks).encode()).hexdigest()
    own = f"network-file-{user_id}-{name}"
    _remember(own, networks)
    columns = {
        f"{number}-{field}": np.ascontiguousarray(getattr(network, field))
        for number, network in enumerate(networks)
        for field in ("debtor", "creditor", "amount")
    }
    words = json.dumps([(network.currency, network.names) for network in networks], ensure_ascii=False).encode()
    cache.set(own, _packed(words=np.frombuffer(words, np.uint8), **columns), KEPT_SECONDS)
    return name


def kept_networks(user_id: int, name: str) -> list[Network]:
    """Errors: unknown_reference when this person uploaded no such file, or so long ago that it is gone."""
    own = f"network-file-{user_id}-{name}"
    near: list[Network] | None = _remembered(own)
    if near is not None:
        return near
    found = cache.get(own) if name.isalnum() else None
    if found is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="network", value=name, field="file")
    columns = _unpacked(found)
    words = json.loads(columns["words"].tobytes())
    networks = []
    for number, (currency, names) in enumerate(words):
        debtor, creditor, amount = (columns[f"{number}-{field}"] for field in ("debtor", "creditor", "amount"))
        networks.append(Network(currency, debtor, creditor, amount, [(code, said) for code, said in names]))
    _remember(own, networks)
    return networks


def kept_or_made(name: str, make: Callable[[], Any]) -> Any:
    """Plain JSON values, made once: chains and curves of a network."""
    found = _remembered(name)
    if found is None:
        found = cache.get(name)
        if found is None:
            found = make()
            cache.set(name, found, KEPT_SECONDS)
        _remember(name, found)
    return found


def _remember(name: str, value: Any) -> None:
    with _turn:
        _near[name] = value
        _near.move_to_end(name)
        while len(_near) > IN_MEMORY:
            _near.popitem(last=False)


def _remembered(name: str) -> Any:
    with _turn:
        return _near.get(name)


def _packed(**columns: Any) -> bytes:
    output = BytesIO()
    np.savez(output, **columns)
    return output.getvalue()


def _unpacked(content: bytes) -> dict[str, Any]:
    with np.load(BytesIO(content), allow_pickle=False) as found:
        return {name: found[name] for name in found.files}
