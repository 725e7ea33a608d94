"""A network as files: every party with what it gains, every debt of a pair with what is cleared of it,
the chains. CSV with plain amounts."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Any, Final

from setoff.clearing.chains import first_chains
from setoff.clearing.cycles import cycles_of
from setoff.clearing.gains import party_gains
from setoff.clearing.picture import Integers, Network
from setoff.core.cells import safe_cell
from setoff.core.money import format_amount
from setoff.language import Language, text

PARTY_COLUMNS: Final = ("code", "party", "owes", "owes-after", "owed", "owed-after", "cleared", "net", "currency")
DEBT_COLUMNS: Final = ("debtor-code", "debtor", "creditor-code", "creditor", "debt", "cleared", "left", "currency")
CHAIN_COLUMNS: Final = ("chain-number", "debtor-code", "debtor", "creditor-code", "creditor", "chain-amount", "currency")


def parties_csv(network: Network, cleared: Integers, language: Language) -> str:
    """Who clears most first."""

    def rows() -> Iterator[list[str]]:
        for gain in party_gains(network, cleared):
            amounts = (gain.owes, gain.owes_after, gain.owed, gain.owed_after, gain.cleared, gain.net)
            yield [*_named(network, gain.party), *(format_amount(amount, network.currency) for amount in amounts), network.currency]

    return _csv(PARTY_COLUMNS, rows(), language)


def debts_csv(network: Network, cleared: Integers, language: Language) -> str:
    """By debtor and creditor."""

    def rows() -> Iterator[list[str]]:
        columns = (network.debtor.tolist(), network.creditor.tolist(), network.amount.tolist(), cleared.tolist())
        for debtor, creditor, amount, gone in zip(*columns, strict=True):
            amounts = [format_amount(value, network.currency) for value in (amount, gone, amount - gone)]
            yield [*_named(network, debtor), *_named(network, creditor), *amounts, network.currency]

    return _csv(DEBT_COLUMNS, rows(), language)


def chains_csv(network: Network, cleared: Integers, language: Language) -> str:
    """What is cleared as chains, the short ones first: a line for every debt of a chain."""
    rings = cycles_of(network.debtor, network.creditor, cleared, len(network.names))

    def rows() -> Iterator[list[str]]:
        for number, chain in enumerate(first_chains(rings, "shortest", len(rings.amount)), 1):
            amount = format_amount(chain.amount, network.currency)
            for debt in chain.debts:
                ends = (*_named(network, int(network.debtor[debt])), *_named(network, int(network.creditor[debt])))
                yield [str(number), *ends, amount, network.currency]

    return _csv(CHAIN_COLUMNS, rows(), language)


def _named(network: Network, party: int) -> list[str]:
    return [safe_cell(part) for part in network.names[party]]


def _csv(columns: Iterable[str], rows: Iterable[list[Any]], language: Language) -> str:
    output = StringIO()
    writer = csv.writer(output, lineterminator="\r\n")
    writer.writerow([text(language, f"network-{column}") for column in columns])
    writer.writerows(rows)
    return output.getvalue()
