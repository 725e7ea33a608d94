"""Pickers: what a field may hold, found while people type. /pick/WHAT/?q=... answers the options of a combobox (pick.js).

    counterparty partner contract agreement      by words of name, code and tax number (parties/search.py)
    document base order bill                     by number; of the counterparty where it is known (settlements/finding.py)
    target debt advance                          open items by number: that a document settles, debts alone, advances alone
    unit organization account currency
    whole_account                                as notices between units write them

Further parameters narrow it: unit, counterparty, partner, contract, kind (of the document that is written), side (of its row),
organization. `recent` are
codes that the person used lately: they come first when they fit. `code` asks for the name of one code.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from babel import Locale
from babel.core import get_global
from django.http import HttpResponse
from django.urls import path

from setoff.books.charts import chart_names, load_chart
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import Money, format_amount
from setoff.language import Language, fact_text, text
from setoff.notices.queries import units_of
from setoff.notices.templates import number_of, written_accounts
from setoff.pages.page import PageRequest, page, render
from setoff.parties import search
from setoff.settlements.finding import Asked, FoundDocument, OpenItem, found_documents, found_orders, open_items
from setoff.trade.account_codes import WHOLE
from setoff.trade.kinds import KINDS, PAYMENT, REVERSIBLE
from setoff.trade.payment import MONEY_IN
from setoff.trade.terms import RELATIONS

ROWS_MAX: Final = search.ROWS_MAX
RECENT_MAX: Final = 20
BASES: Final = {
    "sale_correction": ("sale",),
    "sale_return": ("sale",),
    "purchase_correction": ("purchase",),
    "purchase_return": ("purchase",),
    **{name: (name,) for name in REVERSIBLE},
}
SUPPLIES: Final = frozenset({"sale", "purchase", *BASES} - REVERSIBLE)
IN_FORCE: Final = SUPPLIES | frozenset(kind.name for kind in KINDS.values() if kind.day_order == PAYMENT)
ORDERS: Final = ("customer_order", "supplier_order")
BILLS: Final = ("customer_bill", "supplier_bill")
USUAL_KFO: Final = "2"
NO_KOSGU: Final = "000"
"""What is proposed of a code until it is typed: an institution's own income, no article."""
LOCALES: Final = {"en": "en", "ru": "ru", "zh": "zh_Hans"}


class Option(NamedTuple):
    """`value` goes into the form, `title` stands in the field, `detail` tells it from others. `filled` are values for fields beside
    it that are still empty (the amount of a debt)."""

    value: str
    title: str
    detail: str = ""
    filled: Sequence[tuple[str, str]] = ()


class Asking(NamedTuple):
    request: PageRequest
    said: str
    recent: list[str]

    def given(self, name: str) -> str:
        return self.request.GET.get(name, "").replace("\0", "")

    @property
    def language(self) -> Language:
        return self.request.language

    @property
    def units(self) -> tuple[int, ...]:
        """The unit that was chosen, else all that the person may read."""
        rights = self.request.rights
        chosen = rights.unit_codes.get(self.given("unit"))
        return (chosen,) if chosen is not None else rights.units_with("read")


def counterparty(asking: Asking) -> list[Option]:
    return _of_records(search.counterparties(asking.request.books, asking.said, asking.recent), asking.language)


def partner(asking: Asking) -> list[Option]:
    return _of_records(search.partners(asking.request.books, asking.said, asking.recent), asking.language)


def group(asking: Asking) -> list[Option]:
    """Partners, and the groups that several of them form: by its name a group stands for all of its counterparties."""
    rows = asking.request.books.execute(
        """select group_name, count(*) from partner where group_name <> '' and folded(group_name) like all (
             select '%%' || word || '%%' from regexp_split_to_table(btrim(folded(%(said)s)), ' ') word)
           group by 1 order by 1 limit %(rows)s""",
        {"said": asking.said, "rows": ROWS_MAX},
    ).fetchall()
    groups = [Option(name, name, text(asking.language, "pick-group", count=count)) for name, count in rows]
    return [*groups, *partner(asking)][:ROWS_MAX]


def agreement(asking: Asking) -> list[Option]:
    found = search.agreements(asking.request.books, asking.said, asking.recent, counterparty=asking.given("counterparty"))
    return _of_records(found, asking.language)


def contract(asking: Asking) -> list[Option]:
    """While a document is written: those that fit it, while there are such."""
    kind = asking.given("kind")
    found = search.contracts(
        asking.request.books,
        asking.said,
        asking.recent,
        counterparty=asking.given("counterparty"),
        partner=asking.given("partner"),
        unit=asking.given("unit"),
        relations=[relation for relation in RELATIONS.get(kind, ()) if relation],
        fitting=_fitting(asking, kind),
    )
    return _of_records(found, asking.language)


def _fitting(asking: Asking, kind: str) -> search.Fitting | None:
    """None where a document may be on a contract that is no more in force, and while its day is not known."""
    if kind not in IN_FORCE or asking.request.GET.get("code"):
        return None
    try:
        day = date.fromisoformat(asking.given("date"))
    except ValueError:
        return None
    of_money = kind not in SUPPLIES  # its currency is that of the payment
    return search.Fitting(day, "" if of_money else asking.given("currency"), asking.given("agreement"))


def _of_records(found: Sequence[search.Found], language: Language) -> list[Option]:
    def detail(row: search.Found) -> str:
        told = [row.code if row.code != row.name else "", row.detail]
        told += [fact_text(language, "relation", row.relation) if row.relation else ""]
        told += [fact_text(language, "status", row.status) if row.status not in ("", "active") else ""]
        return " · ".join(filter(None, told))

    return [Option(row.code, row.name, detail(row)) for row in found]


def document(asking: Asking) -> list[Option]:
    kind = asking.given("of-kind")
    return _documents(asking, (kind,) if kind in KINDS else (), "")


def base(asking: Asking) -> list[Option]:
    """Posted documents that a correction or a return can change, or a reversal take back."""
    return _documents(asking, BASES.get(asking.given("kind"), ("sale", "purchase")), "posted")


def _documents(asking: Asking, kinds: Sequence[str], status: str) -> list[Option]:
    asked = Asked(asking.units, asking.said, asking.given("counterparty"), asking.given("contract"), kinds, status)
    return [_document(row, asking.language) for row in found_documents(asking.request.books, asked)]


def _document(row: FoundDocument, language: Language) -> Option:
    title = text(language, "document-name", what=fact_text(language, "kind", row.kind), number=row.number, day=row.date)
    amount = fact_text(language, "amount", Money(row.total, row.currency))
    status = fact_text(language, "status", row.status) if row.status != "posted" else ""
    return Option(row.key, title, " · ".join(filter(None, [row.counterparty, amount, status])))


def target(asking: Asking) -> list[Option]:
    """Open items that a document of the kind settles: what they owe us when money comes in, what we owe them when it goes out; of a debt
    adjustment those of the row's side."""
    sign = 1 if asking.given("kind") in MONEY_IN else -1
    if asking.given("kind") in REVERSIBLE:
        sign = {"they_owe_us": 1, "we_owe_them": -1}.get(asking.given("side"), 0)
    asked = Asked(asking.units, asking.said, asking.given("counterparty"), asking.given("contract"))
    return [_item(row, asking.language) for row in open_items(asking.request.books, asked, sign=sign)]


def debt(asking: Asking) -> list[Option]:
    """Open debts of either side."""
    asked = Asked(asking.units, asking.said, asking.given("counterparty"), asking.given("contract"))
    return [_item(row, asking.language) for row in open_items(asking.request.books, asked, sign=0, only="debt")]


def advance(asking: Asking) -> list[Option]:
    """Advances of either side that are not used up; its line stands in a field of its own, beside that of the debt it goes to."""
    asked = Asked(asking.units, asking.said, asking.given("counterparty"), asking.given("contract"))
    found = open_items(asking.request.books, asked, sign=0, only="advance")
    return [_item(row, asking.language, line="advance_line") for row in found]


def _item(row: OpenItem, language: Language, *, line: str = "line") -> Option:
    title = text(language, "document-name", what=fact_text(language, "kind", row.kind), number=row.number, day=row.date)
    open_amount = text(language, "pick-open", amount=Money(row.residual, row.currency))
    due = text(language, "pick-due", day=row.due) if row.due else ""
    filled = (("amount", format_amount(row.residual, row.currency)), (line, str(row.line or "")))
    return Option(row.key, title, " · ".join(filter(None, [open_amount, due, row.contract])), filled)


def order(asking: Asking) -> list[Option]:
    """Orders that are documents, then the codes that other documents name."""
    asked = Asked(asking.units, asking.said, asking.given("counterparty"), asking.given("contract"))
    options = _documents(asking, ORDERS, "posted")
    known = {option.value for option in options}
    return options + [Option(name, name) for name in found_orders(asking.request.books, asked) if name not in known]


def bill(asking: Asking) -> list[Option]:
    return _documents(asking, BILLS, "posted")


def unit(asking: Asking) -> list[Option]:
    rows = asking.request.books.execute(
        """select u.code, u.name, o.name from unit u join organization o on o.id = u.organization_id
           where u.id = any(%(units)s) and %(organization)s in ('', o.code) and folded(u.code || ' ' || u.name) like all (
             select '%%' || word || '%%' from regexp_split_to_table(btrim(folded(%(said)s)), ' ') word)
           order by u.code = %(said)s desc, u.code limit %(rows)s""",
        {
            "units": list(asking.request.rights.units_with("read")), "organization": asking.given("organization"),
            "said": asking.said, "rows": ROWS_MAX,
        },
    )  # fmt: skip
    return [Option(code, name, f"{code} · {owner}") for code, name, owner in rows]


def organization(asking: Asking) -> list[Option]:
    rows = asking.request.books.execute(
        """select o.code, o.name, o.tax_id from organization o
           where folded(o.code || ' ' || o.name || ' ' || o.tax_id) like all (
             select '%%' || word || '%%' from regexp_split_to_table(btrim(folded(%(said)s)), ' ') word)
           order by o.code = %(said)s desc, o.code limit %(rows)s""",
        {"said": asking.said, "rows": ROWS_MAX},
    )
    return [Option(code, name, " · ".join(filter(None, [code, tax_id]))) for code, name, tax_id in rows]


def account(asking: Asking) -> list[Option]:
    """Of the unit's chart; without a unit, of the charts of all units one may read."""
    rows = asking.request.books.execute(
        "select distinct o.chart from unit u join organization o on o.id = u.organization_id where u.id = any(%s)", [list(asking.units)]
    ).fetchall()
    charts = sorted({row[0] for row in rows} or chart_names())
    wanted = asking.said.casefold().split()
    plain = asking.given("plain") == "yes"
    options: dict[str, Option] = {}
    for chart in map(load_chart, charts):
        for code, found in chart.accounts.items():
            name = found.names[asking.language]
            said = f"{code} {name}".casefold()
            if all(word in said for word in wanted) and not (plain and (found.is_settlement or found.is_inter_branch)):
                options.setdefault(code, Option(code, code, name))
    best = sorted(options.values(), key=lambda option: (not option.value.startswith(asking.said), option.value))
    return _recent_first(best, asking.recent)[:ROWS_MAX]


def whole_account(asking: Asking) -> list[Option]:
    """Accounts as notices write them: "2 40110 130" where the chart has kinds of funds and KOSGU. What templates and earlier notices wrote
    comes first, then every account of the chart with the parts that were typed."""
    place = next((found for found in units_of(asking.request.books).values() if found.code == asking.given("unit")), None)
    if place is None:
        return []
    chart, words = load_chart(place.chart), asking.said.casefold().split()
    written = written_accounts(asking.request.books, place)
    if any(WHOLE.fullmatch(code) for code in written):
        typed = WHOLE.fullmatch(" ".join(asking.said.split()))
        written = [typed[0], *written] if typed else written
        kfo = words[0] if words and len(words[0]) == 1 and words[0].isdecimal() else USUAL_KFO
        kosgu = words[-1] if len(words) > 1 and len(words[-1]) == 3 and words[-1].isdecimal() else NO_KOSGU
        written += [f"{kfo} {code} {kosgu}" for code in chart.accounts]
    else:
        written += chart.accounts
    options: dict[str, Option] = {}
    for code in written:
        found = chart.accounts.get(number_of(code))
        if found and all(word in f"{code} {found.names[asking.language]}".casefold() for word in words):
            options.setdefault(code, Option(code, code, found.names[asking.language]))
    return _recent_first(list(options.values()), asking.recent)[:ROWS_MAX]


def currency(asking: Asking) -> list[Option]:
    """Those of the rates and the books first, then all of ISO 4217."""
    rows = asking.request.books.execute(
        "select currency from rate union select quote from rate union select book_currency from organization"
    )
    used = {row[0] for row in rows}
    names = Locale.parse(LOCALES[asking.language]).currencies
    wanted = asking.said.casefold()
    known = [code for code in get_global("all_currencies") if wanted in f"{code} {names.get(code, '')}".casefold()]
    best = sorted(known, key=lambda code: (not code.startswith(asking.said.upper()), code not in used, code not in names, code))
    return _recent_first([Option(code, code, str(names.get(code, ""))) for code in best], asking.recent)[:ROWS_MAX]


def _recent_first(options: list[Option], recent: Sequence[str]) -> list[Option]:
    return sorted(options, key=lambda option: recent.index(option.value) if option.value in recent else len(recent))


PICKERS: Final[dict[str, Callable[[Asking], list[Option]]]] = {
    picker.__name__: picker
    for picker in (
        counterparty, partner, group, contract, agreement, document, base, target, debt, advance, order, bill, unit, organization, account,
        whole_account, currency,
    )
}  # fmt: skip


@page("read")
def options(request: PageRequest, what: str) -> HttpResponse:
    """The options as list items; the first is the best."""
    picker = PICKERS.get(what)
    if picker is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="picker", value=what)
    code = request.GET.get("code", "")
    said = (code or request.GET.get("q", "")[:200]).replace("\0", "")
    found = picker(Asking(request, said, [] if code else [value.replace("\0", "") for value in request.GET.getlist("recent")[:RECENT_MAX]]))
    context: dict[str, Any] = {"options": [option for option in found if not code or option.value == code], "what": what}
    answer = render(request, "parts/options", context)
    answer["Cache-Control"] = "private, no-store"
    return answer


urlpatterns = [path("<str:what>/", options, name="pick")]
