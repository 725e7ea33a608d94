"""What part of the books a question is about: ids resolved from the codes a person types. An empty tuple means "all"."""

from __future__ import annotations

from typing import NamedTuple


class Scope(NamedTuple):
    """`units` is never empty. `accounts` are account ids, `corresponding` those on the other side; counterparties
    and contracts are ids; currencies are settlement currencies."""

    units: tuple[int, ...]
    counterparties: tuple[int, ...] = ()
    contracts: tuple[int, ...] = ()
    currencies: tuple[str, ...] = ()
    accounts: tuple[int, ...] = ()
    corresponding: tuple[int, ...] = ()

    def parameters(self) -> dict[str, object]:
        """Named SQL parameters: scope_units, scope_counterparties, scope_contracts, scope_currencies, scope_accounts,
        scope_corresponding."""
        return {f"scope_{name}": list(ids) for name, ids in self._asdict().items()}

    def clause(self, *, alias: str, names: tuple[str, ...] = ("counterparties", "contracts", "currencies")) -> str:
        """`and ...` conditions on the columns counterparty_id, contract_id, currency of a table, for what is restricted."""
        columns = {"counterparties": "counterparty_id", "contracts": "contract_id", "currencies": "currency"}
        return "".join(f" and {alias}.{columns[name]} = any(%(scope_{name})s)" for name in names if getattr(self, name))
