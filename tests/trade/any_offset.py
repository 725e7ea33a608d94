"""Any offset of an advance, as a strategy (tests/trade/any_document.py)."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from setoff.trade.directory import Directory, Stated
from setoff.trade.documents import AdvanceOffset, Line, Payment, Sale
from setoff.trade.papers import whereabouts
from setoff.trade.terms import Parties, adjusted_terms, debt_sign
from tests.trade.any_lines import amounts
from tests.trade.stage import enter


@st.composite
def any_offset(
    draw: st.DrawFn, directory: Directory, header: dict[str, Any], party: dict[str, str], currency: str
) -> AdvanceOffset:
    """Of a large advance, to an order or a debt. It says no rate: the advance takes along what it was carried at."""
    relation = {"relation": "" if party["contract"] else "buyer"}
    advance = Payment(unit=header["unit"], date="2025-02-01", kind="payment_from_customer", **party, currency=currency, amount="100")
    ref = enter(directory, "advance", 11, advance)
    unit, place = directory.units[header["unit"]], whereabouts(ref, 0, directory).paper
    parties = Parties(party["counterparty"], party["contract"], party.get("agreement", ""), currency, "", relation["relation"])
    terms = adjusted_terms("advance_offset", unit, date.fromisoformat(header["date"]), directory, parties)
    keys = [terms.node(place, place).fold_key(contour).id() for contour in ("reg", "mgmt")]
    paid = -debt_sign(terms.relation) * 10**15
    directory.documents["advance"] = ref._replace(stated=(Stated(1, keys[0], keys[1], paid, paid),))
    fields: dict[str, Any] = {**header, **party, **relation, "currency": currency, "advance": "advance", "rate": ""}
    fields["amount"] = draw(amounts(currency))
    if not party["order"] or draw(st.booleans()):
        supply = Sale(unit=header["unit"], date="2025-02-01", **party, currency=currency, lines=[Line(amount="100")])
        enter(directory, "sale", 10, supply)
        fields["document"] = "sale"
    return AdvanceOffset(**{**fields, "contours": ("mgmt",)})
