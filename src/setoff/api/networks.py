"""Networks of debts by our own books: who owes whom, what clearing all of it would do. The figures of the page; see clearing/gains.py."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from ninja import Router
from pydantic import Field

from setoff.api.answers import Said
from setoff.api.call import Call, Limit
from setoff.api.endpoint import endpoint
from setoff.clearing.gains import PartyGain, Stay, party_gains, totals, what_stays
from setoff.clearing.owed_queries import owed_currencies, own_network
from setoff.clearing.picture import Network
from setoff.clearing.solve import clear_network
from setoff.core.money import format_amount

router: Final = Router()
Contour = Annotated[Literal["reg", "mgmt"], Field(description="reg (books, tax) or mgmt.")]
Currency = Annotated[str, Field(pattern=r"^([A-Z]{3})?$", description="One currency; empty: all, each a network of its own.")]


class PartyAnswer(Said):
    """A party of the network: debts and claims before and after. What it clears as a debtor it clears as a creditor; `net` stays."""

    code: str
    name: str
    owes: str
    owes_after: str
    owed: str
    owed_after: str
    cleared: str
    net: str


class StayAnswer(Said):
    """Debts that stay, by reason: debtor_has_no_claims, creditor_has_no_debts, no_way_back, used_up."""

    reason: str
    pairs: int
    amount: str


class NetworkAnswer(Said):
    """A network of one currency. `parties` has who clears most first, as many as asked for; `pairs` are debts between two parties."""

    currency: str
    debts: str
    cleared: str
    left: str
    parties_count: int
    parties_cleared: int
    pairs: int
    pairs_closed: int
    pairs_reduced: int
    parties: list[PartyAnswer]
    stays: list[StayAnswer]


@endpoint(router, "GET", "/networks", tag="networks", answer=list[NetworkAnswer])
def read_networks(call: Call, contour: Contour = "reg", currency: Currency = "", limit: Limit = 100) -> Any:
    """Who owes whom now in the units that may be read, and the largest set-off of all of it, which is not booked. Debts between two of our
    organizations count once. Errors: amount_too_large."""
    units = call.rights.units_with("read")
    currencies = [one for one in owed_currencies(call.conn, units, contour) if currency in ("", one)]
    found = [own_network(call.conn, units, contour, one) for one in currencies]
    return [_answer(network, limit) for network in found if network is not None]


def _answer(network: Network, limit: int) -> NetworkAnswer:
    flow, levels = clear_network(network.debtor, network.creditor, network.amount, len(network.names))
    whole = totals(network, flow)
    return NetworkAnswer(
        currency=network.currency,
        debts=format_amount(whole.debts, network.currency),
        cleared=format_amount(whole.cleared, network.currency),
        left=format_amount(whole.left, network.currency),
        parties_count=whole.parties,
        parties_cleared=whole.parties_cleared,
        pairs=whole.pairs,
        pairs_closed=whole.pairs_closed,
        pairs_reduced=whole.pairs_reduced,
        parties=[_party(network, gain) for gain in party_gains(network, flow, first=limit)],
        stays=[_stay(network, stay) for stay in what_stays(network, flow, levels)],
    )


def _party(network: Network, gain: PartyGain) -> PartyAnswer:
    code, name = network.names[gain.party]
    fields = ("owes", "owes_after", "owed", "owed_after", "cleared", "net")
    return PartyAnswer(code=code, name=name, **{field: format_amount(getattr(gain, field), network.currency) for field in fields})


def _stay(network: Network, stay: Stay) -> StayAnswer:
    return StayAnswer(reason=stay.reason, pairs=stay.pairs, amount=format_amount(stay.amount, network.currency))
