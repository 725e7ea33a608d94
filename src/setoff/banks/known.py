"""What the books know, read for a run of proposals in a handful of queries: parties and their accounts at once, contracts and open
lots of the owners found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import args_row

from setoff.banks.matching import AFTER_DAYS, BEFORE_DAYS, PAYMENT_KINDS, Existing, Known, Ours, Rule, SignedLot
from setoff.banks.numbers import named_in, number_key
from setoff.banks.owners import OwnerIndex, Party
from setoff.banks.statement import Line
from setoff.banks.targets import OpenLot
from setoff.core.moment import NEVER, day_of, end_of, start_of
from setoff.trade.directory import ContractTerms, Directory, UnitTerms
from setoff.trade.payment import MONEY_IN
from setoff.trade.queries import CONTRACTS_SQL, load_directory
from setoff.trade.queries import fill as fill_directory
from setoff.trade.references import References

ACCOUNTS_SQL: Final = """
  select a.id, a.number, a.currency, a.name, u.code from bank_account a join unit u on u.id = a.unit_id"""
PARTIES_SQL: Final = """
  select c.id, c.code, c.name, c.tax_id, c.kpp, mine.counterparty_id is not null
  from counterparty c left join (
    select distinct counterparty_id from contract
    where organization_id = (select organization_id from unit where id = %(unit)s)) mine on mine.counterparty_id = c.id
  order by c.id"""
PARTY_ACCOUNTS_SQL: Final = """
  select number, array_agg(distinct counterparty_id) from party_account
  where unit_id in (select same.id from unit same join unit own on own.organization_id = same.organization_id where own.id = %(unit)s)
  group by number"""
OWN_SQL: Final = """
  select a.number, a.name from bank_account a join unit u on u.id = a.unit_id
  where u.organization_id = (select organization_id from unit where id = %(unit)s) and a.id <> %(account)s"""
RULES_SQL: Final = """
  select id, field, pattern, direction, kind, counterparty, contract, ledger_account, item, reason from bank_rule
  where unit_id = %(unit)s order by position, id"""
LOTS_SQL: Final = """
  select k.counterparty_id, sign(l.residual)::int, d.key, d.number, coalesce(f.label, ''),
         case when d.kind = 'purchase' then coalesce(v.content::jsonb ->> 'incoming_number', '') else '' end,
         l.line,
         exists (select from fact other where other.unit_id = f.unit_id and other.version_id = f.version_id and other.line <> f.line),
         l.rank, l.due, coalesce(c.code, ''), k.relation, k.currency, abs(l.residual)
  from fold_key k
  join lot l on l.unit_id = k.unit_id and l.key_id = k.id and l.closed_moment = %(never)s
  join document d on d.unit_id = l.unit_id and d.id = l.document_id
  join version v on v.unit_id = d.unit_id and v.id = d.posted_version_id
  left join fact f on f.unit_id = d.unit_id and f.version_id = d.posted_version_id and f.line = l.line
  left join contract c on c.id = k.contract_id
  where k.unit_id = %(unit)s and k.contour = 'mgmt' and k.counterparty_id = any(%(parties)s)"""
NUMBERS_SQL: Final = """
  select counterparty_id, array_agg(distinct ltrim(number, '0')) from document
  where unit_id = %(unit)s and counterparty_id = any(%(parties)s) and status = 'posted' and ltrim(number, '0') = any(%(numbers)s)
    and kind in ('sale', 'purchase', 'sale_correction', 'purchase_correction')
  group by 1"""
PAYMENTS_SQL: Final = """
  select d.key, d.number, d.status, d.kind, d.date, d.total, d.counterparty_id
  from document d join version v on v.unit_id = d.unit_id and v.id = d.version_id
  where d.unit_id = %(unit)s and d.moment >= %(first)s and d.moment < %(before)s and d.total = any(%(amounts)s)
    and d.currency = %(currency)s and d.kind = any(%(kinds)s) and d.status in ('draft', 'posted') and not d.deletion_mark
    and coalesce(v.content::jsonb ->> 'bank_account', '') in ('', %(name)s) and v.content::jsonb ->> 'cash' is distinct from 'true'
    and not exists (select from bank_line b where b.unit_id = d.unit_id and b.document_id = d.id)
  order by d.moment"""


def accounts_of_ours(conn: Connection[Any], unit_ids: Sequence[int] = ()) -> list[Ours]:
    """Our bank accounts, of these units or of all."""
    where = " where a.unit_id = any(%(units)s)" if unit_ids else ""
    rows = conn.execute(ACCOUNTS_SQL + where + " order by u.code, a.name", {"units": list(unit_ids)}).fetchall()
    units = load_directory(conn, References(units=frozenset(row[4] for row in rows))).units
    return [Ours(row[0], row[1], row[2], row[3], units[row[4]]) for row in rows]


def known_to(conn: Connection[Any], ours: Ours) -> Known:
    """What lines of the account are compared with, without contracts, lots and payments: those are read for the lines."""
    place = {"unit": ours.unit.id, "account": ours.id}
    parties = conn.cursor(row_factory=args_row(Party)).execute(PARTIES_SQL, place).fetchall()
    accounts: dict[str, list[int]] = dict(conn.execute(PARTY_ACCOUNTS_SQL, place).fetchall())
    rules = conn.cursor(row_factory=args_row(Rule)).execute(RULES_SQL, place).fetchall()
    own = dict(conn.execute(OWN_SQL, place).fetchall())
    tax_ids = conn.execute("select tax_id from organization where id = %s and tax_id <> ''", [ours.unit.organization_id]).fetchall()
    return Known(
        ours, OwnerIndex(parties, accounts), rules, own_accounts=own, own_tax_ids=frozenset(tax_id for (tax_id,) in tax_ids)
    )


def read_owned(conn: Connection[Any], known: Known, owned: Iterable[tuple[int, Line]]) -> None:
    """Contracts and open lots of these parties are known, and which numbers that their lines name are documents of theirs."""
    numbers: dict[int, set[str]] = {}
    for party_id, line in owned:
        numbers.setdefault(party_id, set()).update(number.key for number in named_in(line.purpose).numbers)
    wanted = sorted(numbers)
    named = sorted({key for keys in numbers.values() for key in keys})
    documents = conn.execute(NUMBERS_SQL, {"unit": known.ours.unit.id, "parties": wanted, "numbers": named}).fetchall()
    known.settled = {party_id: frozenset(listed) for party_id, listed in documents}
    directory = Directory()
    contracts = conn.execute(
        CONTRACTS_SQL + " where organization_id = %s and counterparty_id = any(%s)", [known.ours.unit.organization_id, wanted]
    )
    fill_directory(directory, (), (), contracts, (), ())
    by_party: dict[int, list[ContractTerms]] = {}
    for contract in directory.contracts.values():
        by_party.setdefault(contract.counterparty_id, []).append(contract)
    known.contracts = by_party
    known.lots = {}
    for party_id, sign, lot in open_lots_of(conn, known.ours.unit, wanted):
        known.lots.setdefault(party_id, []).append(SignedLot(sign, lot))


def open_lots_of(conn: Connection[Any], unit: UnitTerms, party_ids: Sequence[int]) -> Iterable[tuple[int, int, OpenLot]]:
    """(party, sign, lot) of what is open now in the management contour."""
    rows = conn.execute(LOTS_SQL, {"unit": unit.id, "parties": list(party_ids), "never": NEVER})
    for party_id, sign, key, number, label, incoming, line, has_lines, rank, due, contract, relation, currency, amount in rows:
        numbers = tuple(dict.fromkeys(number_key(text) for text in (number, label, incoming) if text))
        lot = OpenLot(
            key, label or number, numbers, line, has_lines, day_of(rank), rank, due, contract, relation, currency, amount
        )
        yield party_id, sign, lot


def read_payments(conn: Connection[Any], known: Known, amounts: Iterable[int], days: tuple[date, date]) -> None:
    """Payments of these signed amounts that no line stands for are known, around the days."""
    first, last = days
    parameters = {
        "unit": known.ours.unit.id,
        "first": start_of(first - timedelta(BEFORE_DAYS)),
        "before": end_of(last + timedelta(AFTER_DAYS)),
        "amounts": sorted({abs(amount) for amount in amounts}),
        "currency": known.ours.currency,
        "kinds": list(PAYMENT_KINDS),
        "name": known.ours.name,
    }
    known.payments = {}
    for key, number, status, kind, day, total, party_id in conn.execute(PAYMENTS_SQL, parameters):
        amount = total if kind in MONEY_IN else -total
        known.payments.setdefault(amount, []).append(Existing(key, number, status, kind, day, amount, party_id))
