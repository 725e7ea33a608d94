"""Who owes whom, and what clearing all of it would do: a network of debts, from the books or a file, before and after.

/network/?currency=RUB&contour=reg                 our own books, all units the person may read
/network/?file=HASH                                a file of obligations that he uploaded
/network/?round=R1                                 the debts that take part in a round, before and after it
/network/cleared/   chains/   liquidity/   parties/   why/    parts: what must be solved comes after the page, and is kept
/network/file/?what=parties                        the same figures as CSV (debts, parties, chains)

The page itself shows sums, the picture and the largest parties, also of a million debts. Currencies are networks of their own.
"""

from __future__ import annotations

from typing import Any, Final, Literal, NamedTuple

import numpy as np
from django.http import HttpResponse
from django.urls import path
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe

from setoff.books.audit import Actor, record_audit
from setoff.clearing.chains import Chain, Order, first_chains
from setoff.clearing.cycles import SHORT_MAX, cycles_of
from setoff.clearing.drawing import ARROWS_DRAWN, after_picture, before_picture, curve_picture, name_of
from setoff.clearing.gains import PartyGain, Totals, party_gains, totals, what_stays
from setoff.clearing.liquidity import LARGE, CurvePoint, curve_of
from setoff.clearing.network import pairs_of
from setoff.clearing.network_files import chains_csv, debts_csv, parties_csv
from setoff.clearing.owed_queries import owed_currencies, own_network
from setoff.clearing.picture import Folded, Network, folded
from setoff.clearing.rounds.pictured import round_networks
from setoff.clearing.rounds.queries import known_round
from setoff.clearing.rounds.reasons import pair_why as round_pair_why
from setoff.clearing.rounds.records import Round
from setoff.clearing.solve import Cleared, clear_network
from setoff.clearing.summary import why_told
from setoff.clearing.why import pair_why
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import Money, digits_of
from setoff.language import SEPARATORS, Language
from setoff.pages.network_kept import digest_of, keep_result, kept_networks, kept_or_made, kept_result
from setoff.pages.network_upload import upload
from setoff.pages.page import PageRequest, page, render

Contour = Literal["reg", "mgmt"]
FOUND_MAX: Final = 50
"""Parties that a search shows."""
PARTIES_LISTED: Final = 24
DIGITS_MAX: Final = 9
CHAINS_MAX: Final = 500
"""Chains that one can step through in either order."""
ORDERS: Final[tuple[Order, ...]] = ("shortest", "largest")
FILES: Final = {"parties": parties_csv, "debts": debts_csv, "chains": chains_csv}


class Asked(NamedTuple):
    """Which network. `currencies`: those there are; `parameters`: the question, for the parts; `round` and what it cleared, when the
    network is that of a round that is solved."""

    network: Network | None
    currencies: list[str]
    contour: Contour
    file: str
    parameters: str
    round: Round | None = None
    result: Cleared | None = None


class PartyRow(NamedTuple):
    """A line of the table. `address`: the party's page, when it is one of the books."""

    name: str
    code: str
    gain: PartyGain
    address: str = ""


class RestRow(NamedTuple):
    """All parties that have no line of their own, together."""

    parties: int
    gain: PartyGain


class ArrowRow(NamedTuple):
    debtor: str
    creditor: str
    amount: int
    cleared: int
    left: int


def asked_network(request: PageRequest) -> Asked:
    """Errors: invalid_value, unknown_reference, amount_too_large."""
    contour = request.GET.get("contour") or "reg"
    if contour not in ("reg", "mgmt"):
        raise DomainError(ErrorCode.INVALID_VALUE, field="contour", value=contour, expected="reg, mgmt")
    file = request.GET.get("file", "")
    if request.GET.get("round"):
        return asked_of_round(request, known_round(request.books, request.GET["round"], request.rights, "read"))
    wanted = request.GET.get("currency", "")
    if file:
        networks = kept_networks(request.rights.user_id, file)
        currencies = [one.currency for one in networks]
        network = next((one for one in networks if not wanted or one.currency == wanted), None)
    else:
        units = request.rights.units_with("read")
        currencies = owed_currencies(request.books, units, contour)
        network = next((own_network(request.books, units, contour, one) for one in currencies if not wanted or one == wanted), None)
    names = {"file": file, "contour": "" if file else contour, "currency": network.currency if network else wanted}
    parameters = urlencode({name: value for name, value in names.items() if value})
    return Asked(network, currencies, "mgmt" if contour == "mgmt" else "reg", file, parameters)


def asked_of_round(request: PageRequest, found: Round) -> Asked:
    """The network of a round; as long as it is not solved, what clearing would do with it."""
    networks, wanted = round_networks(request.books, found), request.GET.get("currency", "")
    one = next((one for one in networks if not wanted or one.network.currency == wanted), None)
    network, result = one or (None, None)
    parameters = urlencode({"round": found.code, "currency": network.currency if network else wanted})
    return Asked(network, [one.network.currency for one in networks], "reg", "", parameters, found, result)


def round_of(asked: Asked) -> str:
    """What tells the result of a round from the largest set-off of the same debts, in the names of what is kept."""
    return f"-{asked.round.result_hash}" if asked.round and asked.result else ""


def result_of(asked: Asked, network: Network) -> Cleared:
    """What is cleared of it: by the round, or the most that can be. Errors: amount_too_large."""
    return asked.result or best_of(network)


def best_of(network: Network) -> Cleared:
    """The largest set-off: as kept, or solved now and kept. Errors: amount_too_large."""
    digest = digest_of(network)
    found = kept_result(digest)
    if found is None:
        found = clear_network(network.debtor, network.creditor, network.amount, len(network.names))
        keep_result(digest, found)
    return found


@page("read")
def overview(request: PageRequest) -> HttpResponse:
    """The page: what is known without solving; and what is cleared when it was solved before, or when asked to solve at once."""
    asked = asked_network(request)
    context: dict[str, Any] = {"asked": asked}
    if asked.network is not None:
        network = asked.network
        kept = (asked.result or kept_result(digest_of(network))) if request.GET.get("solve") != "yes" else result_of(asked, network)
        context |= shown(request, network, kept)
    return render(request, "network", context)


@page("read")
def cleared(request: PageRequest) -> HttpResponse:
    """The part that waited for the solver: gains, both pictures, the parties, what stays."""
    network = required(asked := asked_network(request))
    return render(request, "parts/network-cleared", {"asked": asked, **shown(request, network, result_of(asked, network))})


def required(asked: Asked) -> Network:
    """Errors: unknown_reference when nobody owes anything in that currency."""
    if asked.network is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="network", value=asked.parameters, field="currency")
    return asked.network


def shown(request: PageRequest, network: Network, result: Cleared | None) -> dict[str, Any]:
    """Figures, pictures and tables; those of clearing only with a result."""
    flow = result.flow if result else np.zeros(len(network.amount), np.int64)
    found = folded(network, flow)
    whole, gains = totals(network, flow), party_gains(network, flow, first=PARTIES_LISTED)
    context: dict[str, Any] = {
        "network": network,
        "currency": network.currency,
        "totals": whole,
        "share": share_text(whole.cleared, whole.debts, request.language),
        "digest": digest_of(network),
        "solved": result is not None,
        "before": picture(before_picture(found, network, request.language, name="network-before")),
        "parties": party_rows(network, gains),
        "rest": rest_row(whole, gains),
        "arrows": arrow_rows(request, network, found),
    }
    if result:
        context["after"] = picture(after_picture(found, network, request.language, name="network-after"))
        stays = what_stays(network, flow, result.levels)
        context["stays"] = [(stay.reason.replace("_", "-"), stay, debt_rows(network, flow, stay.largest)) for stay in stays]
    return context


def share_text(part: int, whole: int, language: Language) -> str:
    """Tenths of a percent, half up."""
    tenths = (2000 * part + whole) // (2 * whole) if whole else 0
    return f"{tenths // 10}{SEPARATORS[language][1]}{tenths % 10}"


def picture(drawn: str) -> SafeString:
    return mark_safe(drawn)  # noqa: S308 - escaped where it is drawn


def party_rows(network: Network, gains: list[PartyGain]) -> list[PartyRow]:
    rows = []
    for gain in gains:
        code, name = network.names[gain.party]
        rows.append(PartyRow(name or code, code, gain))
    return rows


def rest_row(whole: Totals, gains: list[PartyGain]) -> RestRow | None:
    """What is missing in the lines for the sums of the network; nothing when nothing is."""
    count = whole.parties - len(gains)
    owes, owed = whole.debts - sum(gain.owes for gain in gains), whole.debts - sum(gain.owed for gain in gains)
    return RestRow(count, PartyGain(-1, owes, owed, whole.cleared - sum(gain.cleared for gain in gains))) if count else None


def arrow_rows(request: PageRequest, network: Network, found: Folded) -> list[ArrowRow]:
    """The arrows that are drawn."""
    names = [name_of(node, network, request.language) for node in found.nodes]
    return [
        ArrowRow(names[arrow.debtor], names[arrow.creditor], arrow.amount, arrow.cleared, arrow.left)
        for arrow in found.arrows[:ARROWS_DRAWN]
    ]


def debt_rows(network: Network, flow: Any, places: list[int]) -> list[ArrowRow]:
    """Single debts of the network."""
    rows = []
    for place in places:
        amount, gone = int(network.amount[place]), int(flow[place])
        debtor, creditor = (network.names[int(party)][1] for party in (network.debtor[place], network.creditor[place]))
        rows.append(ArrowRow(debtor, creditor, amount, gone, amount - gone))
    return rows


@page("read")
def parties(request: PageRequest) -> HttpResponse:
    """Parties whose name or code holds the words, with what each gains."""
    network = required(asked := asked_network(request))
    words = request.GET.get("q", "").strip().casefold()
    places = [place for place, (code, name) in enumerate(network.names) if words in name.casefold() or words in code.casefold()]
    gains = party_gains(network, result_of(asked, network).flow, only=np.array(places, np.int64), first=FOUND_MAX)
    context = {"asked": asked, "currency": network.currency, "solved": True, "found": len(places), "limit": FOUND_MAX}
    return render(request, "parts/network-parties", {**context, "parties": party_rows(network, gains)})


@page("read")
def file(request: PageRequest) -> HttpResponse:
    """All parties, or all debts of pairs, with what is cleared of them. Errors: invalid_value."""
    network = required(asked := asked_network(request))
    what = request.GET.get("what", "parties")
    if what not in FILES:
        raise DomainError(ErrorCode.INVALID_VALUE, field="what", value=what, expected=", ".join(FILES))
    flow = result_of(asked, network).flow
    content = FILES[what](network, flow, request.language)
    actor = Actor(request.rights.login, "page")
    record_audit(request.books, actor, "export_report", report=f"network-{what}", format="csv", currency=network.currency)
    answer = HttpResponse(content.encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="network-{what}-{network.currency}.csv"'
    return answer


@page("read")
def chains(request: PageRequest) -> HttpResponse:
    """One chain of what was cleared, by its number in the order. Errors: invalid_value."""
    network = required(asked := asked_network(request))
    order, number = request.GET.get("order") or "shortest", request.GET.get("n") or "1"
    if order not in ORDERS:
        raise DomainError(ErrorCode.INVALID_VALUE, field="order", value=order, expected=", ".join(ORDERS))
    flow = result_of(asked, network).flow
    made = kept_or_made(f"network-chains-{digest_of(network)}{round_of(asked)}", lambda: chains_made(network, flow))
    told = [Chain(amount, tuple(debts)) for amount, debts in made[order]]
    at = min(max(int(number), 1), len(told)) if number.isdecimal() and len(number) < DIGITS_MAX else 1
    chain = told[at - 1] if told else None
    context = {
        "asked": asked, "currency": network.currency, "order": order, "orders": ORDERS, "count": len(told), "at": at, "chain": chain,
        "rows": debt_rows(network, flow, list(chain.debts)) if chain else [], "all": made["count"],
        "told": share_text(sum(chain.amount * len(chain.debts) for chain in told), int(flow.sum()), request.language),
    }  # fmt: skip
    return render(request, "parts/network-chains", context)


def chains_made(network: Network, flow: Any) -> dict[str, Any]:
    """How many chains there are, and the first of them in either order; of a very large network those of few parties."""
    longest = SHORT_MAX if len(network.amount) > LARGE else 0
    rings = cycles_of(network.debtor, network.creditor, flow, len(network.names), longest=longest)
    made: dict[str, Any] = {"count": len(rings.amount)}
    for order in ORDERS:
        made[order] = [list(chain) for chain in first_chains(rings, order, CHAINS_MAX)]
    return made


@page("read")
def why(request: PageRequest) -> HttpResponse:
    """Why what one party owes another was cleared, or not. Errors: unknown_reference."""
    network = required(asked := asked_network(request))
    ends = tuple(party_named(network, request.GET.get(side, ""), side) for side in ("debtor", "creditor"))
    if asked.round and asked.result:
        codes = network.names[ends[0]][0], network.names[ends[1]][0]
        found = round_pair_why(request.books, asked.round, network.currency, codes)
    else:
        found = pair_why(network, result_of(asked, network), (ends[0], ends[1]))
    return render(request, "parts/network-why", {"why": found, "lines": list(why_told(found, request.language))})


def party_named(network: Network, words: str, field: str) -> int:
    """The party of that code, else of that name. Errors: field_missing, unknown_reference."""
    wanted = words.strip().casefold()
    if not wanted:
        raise DomainError(ErrorCode.FIELD_MISSING, field=field)
    for part in (0, 1):
        for place, names in enumerate(network.names):
            if names[part].casefold() == wanted:
                return place
    raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="party", value=words.strip(), field=field)


@page("read")
def liquidity(request: PageRequest) -> HttpResponse:
    """What credit would discharge, as a curve with its table."""
    network = required(asked := asked_network(request))
    made = kept_or_made(f"network-curve-{digest_of(network)}", lambda: [list(point) for point in curve_made(network)])
    points = [CurvePoint(*point) for point in made]
    debts = int(network.amount.sum())
    context: dict[str, Any] = {
        "asked": asked,
        "currency": network.currency,
        "points": [(point, share_text(point.discharged, debts, request.language)) for point in points],
        "curve": picture(curve_picture(points, network.currency, request.language, name="network-curve")),
    }
    if len(points) > 1:
        hundred = 100 * 10 ** digits_of(network.currency)
        gained = hundred * (points[1].discharged - points[0].discharged) // points[1].credit
        context["told"] = (Money(hundred, network.currency), Money(gained, network.currency))
    return render(request, "parts/network-liquidity", context)


def curve_made(network: Network) -> list[CurvePoint]:
    pairs = pairs_of(network.debtor, network.creditor, network.amount)
    return curve_of(pairs, len(network.names), cleared=int(best_of(network).flow.sum()))


urlpatterns = [
    path("", overview, name="network"),
    path("cleared/", cleared, name="network-cleared"),
    path("parties/", parties, name="network-parties"),
    path("chains/", chains, name="network-chains"),
    path("why/", why, name="network-why"),
    path("liquidity/", liquidity, name="network-liquidity"),
    path("file/", file, name="network-file"),
    path("upload/", upload, name="network-upload"),
]
