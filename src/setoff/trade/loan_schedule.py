"""When interest and principal of a loan are to be paid, and how much each time (spec 2.10, 6.8).

Days: every so many months, on one day of the month (or its last), up to the maturity, which always is one. What is due is computed from
what is owed on a day forward: interest by day on what will be left; principal as the contract says:

    bullet    all at the maturity
    equal     the payment said, else what is left by the days left, the last takes the rest
    annuity   the payment said, else P * i / (1 - (1 + i)^-n) half up, with the interest of the days in it; the last takes the rest
    rows      the amounts listed, no more than is left

Money that comes is laid over these days when it is posted (`laid`): its parts are due from then on, whatever is repaid early. What more
there is to pay of it is interest (`with_interest`).
"""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from setoff.core.interest import DAY, Moved, exact_interest, rounded, stretches
from setoff.parties.loan_rows import LoanTerms

MONTHS_MAX = 1200


class Instalment(NamedTuple):
    """What is due on a day, minor units; `left` is the principal after it."""

    day: date
    principal: int
    interest: int
    left: int


def last_day(terms: LoanTerms) -> date:
    """The maturity: said, else the last of the rows."""
    if terms.maturity is not None:
        return max([terms.maturity, *(day for day, _ in terms.rows)])
    return terms.rows[-1][0]


def due_days(terms: LoanTerms, months: int, begin: date) -> Iterator[date]:
    """Days after `begin`, ascending, the maturity the last; only it where `months` is 0 or it comes first."""
    end = last_day(terms)
    if months:
        anchor = terms.first_payment or begin
        by_month_end = terms.first_payment is None or anchor.day == monthrange(anchor.year, anchor.month)[1]
        day_of_month = terms.payment_day or (31 if by_month_end else anchor.day)
        place = anchor.year * 12 + anchor.month - 1
        for step in range(MONTHS_MAX):
            year, month = divmod(place + step * months, 12)
            day = date(year, month + 1, min(day_of_month, monthrange(year, month + 1)[1]))
            if day >= end:
                break
            if day > begin and (terms.first_payment is None or day >= terms.first_payment):
                yield day
    yield end


def next_interest_day(terms: LoanTerms, begin: date, after: date) -> date | None:
    """The first day, not before `after`, on which interest of a loan that began on a day is due; None after the maturity."""
    return next((day for day in due_days(terms, terms.interest_months, begin) if day >= after), None)


def instalments(terms: LoanTerms, moves: Sequence[Moved], since: date, owed: Fraction) -> list[Instalment]:
    """What is due after a day. `moves`: how the principal came to what it is, and how it is to grow after the day; `owed`: interest owed
    on that day, minor units, not rounded. Principal still left after the maturity is due on it."""
    found: list[Instalment] = []
    if not moves:
        return found
    begin = min(move.day for move in moves)
    interest_days = set(due_days(terms, terms.interest_months, begin))
    principal_days = [day for day, _ in terms.rows] if terms.repayment == "rows" else _principal_days(terms, begin)
    if terms.repayment == "annuity":
        interest_days = set(principal_days)
    days = sorted(day for day in interest_days | set(principal_days) if day > since)
    laid = list(moves)
    at, accrued = since, owed
    for day in days:
        accrued += exact_interest(stretches(laid, terms.rates, terms.day_count, at + DAY, day))
        left = sum(move.change for move in laid if move.day <= day)
        interest = rounded(accrued) if day in interest_days or day == days[-1] else 0
        later = [other for other in principal_days if other >= day]
        principal = 0
        if day == days[-1]:
            principal = left
        elif day in principal_days:
            principal = min(left, _principal(terms, left, later, interest, day))
        accrued, at = accrued - interest, day
        if principal:
            laid.append(Moved(day, -principal))
        if principal or interest:
            found.append(Instalment(day, max(principal, 0), max(interest, 0), max(left - principal, 0)))
    return found


def laid(terms: LoanTerms, begin: date, left: int, day: date, amount: int) -> list[tuple[date, int]]:
    """When money of a day is to be repaid: by how much it makes the instalments after it larger than they are for what was `left` of the
    loan, which began on `begin`. What would have to be repaid sooner of money that was there before stays where it is."""
    before = {row.day: row.principal for row in instalments(terms, [Moved(begin, left)] if left > 0 else [], day, Fraction(0))}
    moves = [Moved(begin, max(left, 0)), Moved(day, amount)]
    after = {row.day: row.principal for row in instalments(terms, moves, day, Fraction(0))}
    found: list[tuple[date, int]] = []
    reached = 0
    for due in sorted(before.keys() | after.keys()):
        more = sum(part for at, part in after.items() if at <= due) - sum(part for at, part in before.items() if at <= due)
        if min(more, amount) > reached:
            found.append((due, min(more, amount) - reached))
            reached = min(more, amount)
    return found or [(last_day(terms), amount)]


def with_interest(
    terms: LoanTerms,
    moves: Sequence[Moved],
    principal: Sequence[tuple[date, int]],
    since: date,
    owed: Fraction,
    *,
    until: date = date.max,
) -> list[Instalment]:
    """What is due of `principal` (day and minor units, any order), and the interest after a day: `moves` and `owed` as for `instalments`.
    Principal due by that day comes first, as if it were repaid on it; interest that no principal follows is due on the next day of it.
    Days after `until` are left out."""
    if not moves:
        return []
    begin, found = min(move.day for move in moves), list(moves)
    late = sorted((day, amount) for day, amount in principal if day <= since)
    later: dict[date, int] = defaultdict(int)
    for day, amount in principal:
        later[day] += amount if day > since else 0
    left = sum(amount for _, amount in principal)
    rows = []
    for day, amount in late:
        left -= amount
        found.append(Moved(since, -amount))
        rows.append(Instalment(day, amount, 0, left))
    regular = _principal_days(terms, begin) if terms.repayment == "annuity" else list(due_days(terms, terms.interest_months, begin))
    days = sorted({day for day in regular if day > since} | {day for day, amount in later.items() if amount})
    at, accrued = since, owed
    for day in days or [next_interest_day(terms, begin, since) or last_day(terms)]:
        if day > until:
            break
        accrued += exact_interest(stretches(found, terms.rates, terms.day_count, at + DAY, day)) if days else 0
        interest = rounded(accrued) if day in regular or day == (days or [day])[-1] else 0
        left -= later[day]
        accrued, at = accrued - interest, day
        found.append(Moved(day, -later[day]))
        if later[day] or interest > 0:
            rows.append(Instalment(day, later[day], max(interest, 0), left))
    return rows


def _principal_days(terms: LoanTerms, begin: date) -> list[date]:
    return list(due_days(terms, 0 if terms.repayment == "bullet" else terms.principal_months, begin))


def _principal(terms: LoanTerms, left: int, days: Sequence[date], interest: int, day: date) -> int:
    """The principal due on a day that is not the last; `days`: this one and the later ones on which some is due."""
    if terms.repayment == "rows":
        return next(amount for listed, amount in terms.rows if listed == day)
    if terms.repayment == "equal":
        return terms.payment or rounded(Fraction(left, len(days)))
    return max((terms.payment or annuity(terms, left, len(days), day)) - interest, 0)


def annuity(terms: LoanTerms, principal: int, payments: int, day: date) -> int:
    """The equal payment that pays off a principal by so many payments at the rate of a day: minor units, half up."""
    percent = next((rate.percent for rate in reversed(terms.rates) if rate.since <= day), None)
    rate = Fraction(percent or 0) * terms.principal_months / 1200
    if rate == 0:
        return rounded(Fraction(principal, payments))
    return rounded(principal * rate / (1 - 1 / (1 + rate) ** payments))
