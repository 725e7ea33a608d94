"""CAMT.052, .053 and .054 (ISO 20022) of any version: elements are found by their names without namespace.

An entry with several transactions (a batch) becomes a line for each, when their amounts are stated and sum to the entry's; else it
stays one line. The direction is the entry's own CdtDbtInd: a reversal or a return already shows where the money went. The other side
is the debtor of money in and the creditor of money out; of a reversal the other way round, because it keeps the roles of the
payment that it takes back. Entries with status PDNG, INFO or FUTR are pending.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, Final, NamedTuple

from setoff.banks.statement import Finding, Line, Place, Statement, one_line
from setoff.core.errors import DomainError
from setoff.core.money import Money
from setoff.intake.xml import local_name, read_xml

CONTAINERS: Final = {"BkToCstmrAcctRpt": "Rpt", "BkToCstmrStmt": "Stmt", "BkToCstmrDbtCdtNtfctn": "Ntfctn"}
_SIGN: Final = re.compile(rb"<(?:\w+:)?(?:BkToCstmrAcctRpt|BkToCstmrStmt|BkToCstmrDbtCdtNtfctn)\b|camt\.05[234]\.")
OPENING: Final = ("OPBD", "PRCD", "ITBD")
CLOSING: Final = ("CLBD", "ITBD")
NO_REFERENCE: Final = frozenset({"NOTPROVIDED", "NONREF", "NOTAVAILABLE", "UNKNOWN"})
TAX_ID: Final = re.compile(r"(?=(?:.*\d){7})[0-9A-Z]{8,20}")


class Balance(NamedTuple):
    code: str
    currency: str
    amount_minor: int
    day: date | None


class Side(NamedTuple):
    name: str
    tax_id: str
    account: str
    bic: str


def is_camt(head: bytes) -> bool:
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and _SIGN.search(head) is not None


def read_camt(content: bytes, file: str) -> Iterator[Statement]:
    """The statements of the message, in its order. Errors: file_unreadable, statement_unreadable, statement_field_missing,
    statement_value_invalid."""
    root = read_xml(content, file)
    container = next((child for child in root.iter() if local_name(child) in CONTAINERS), None)
    if container is None:
        raise Place(file, "/").unreadable(", ".join(CONTAINERS))
    kind = CONTAINERS[local_name(container)]
    for element in children(container, kind):
        yield _statement(element, file)


def children(element: Any, name: str) -> list[Any]:
    return [child for child in element if local_name(child) == name]


def at(element: Any, path: str) -> Any | None:
    """The first element under a path of local names; a step may be `A|B`."""
    for step in path.split("/"):
        names = step.split("|")
        element = next((child for child in element if local_name(child) in names), None)
        if element is None:
            return None
    return element


def text_at(element: Any | None, *paths: str) -> str:
    """The text at the first path that has one."""
    for path in paths if element is not None else ():
        found = at(element, path)
        if found is not None and (text := one_line("".join(found.itertext()))):
            return text
    return ""


def _place(element: Any, file: str) -> Place:
    return Place(file, f"{local_name(element)}:{element.sourceline}")


def _statement(element: Any, file: str) -> Statement:
    place = _place(element, file)
    account = text_at(element, "Acct/Id/IBAN", "Acct/Id/Othr/Id", "Acct/Id/PrtryAcct/Id").replace(" ", "")
    if not account:
        raise place.missing("Acct/Id")
    entries = children(element, "Ntry")
    currency = text_at(element, "Acct/Ccy") or _currency_of_first(element, entries)
    if not currency:
        raise place.missing("Acct/Ccy")
    balances = [_balance(found, file) for found in children(element, "Bal")]
    lines: list[Line] = []
    findings = _foreign_balances(balances, currency)
    for number, entry in enumerate(entries, 1):
        of_entry, finding = _lines(entry, currency, account, file)
        lines += of_entry
        if finding:
            findings.append(finding._replace(facts={**finding.facts, "number": number}))
    own = [balance for balance in balances if balance.currency == currency]
    opening, closing = _chosen(own, OPENING), _chosen(own[::-1], CLOSING)
    if opening is not None and opening is closing:  # one interim balance says only where the account stands now
        opening = None
    first, last = _period(element, own, lines, place)
    return Statement(
        "camt", account, currency, first, last, opening.amount_minor if opening else None, closing.amount_minor if closing else None,
        tuple(lines), number=text_at(element, "ElctrncSeqNb", "LglSeqNb", "Id"),
        bic=text_at(element, "Acct/Svcr/FinInstnId/BICFI|BIC"), findings=tuple(findings),
    )  # fmt: skip


def _currency_of_first(element: Any, entries: list[Any]) -> str:
    amounts = [at(child, "Amt") for child in (*entries, *children(element, "Bal"))]
    return next((amount.get("Ccy", "") for amount in amounts if amount is not None), "")


def _balance(element: Any, file: str) -> Balance:
    place = _place(element, file)
    code = text_at(element, "Tp/CdOrPrtry/Cd", "Tp/CdOrPrtry/Prtry")
    amount, currency = _amount(element, place)
    return Balance(code, currency, _sign(element, place) * amount, _day(element, "Dt", place))


def _chosen(balances: list[Balance], codes: tuple[str, ...]) -> Balance | None:
    return next((balance for code in codes for balance in balances if balance.code == code), None)


def _foreign_balances(balances: list[Balance], currency: str) -> list[Finding]:
    wrong = [balance for balance in balances if balance.code in (*OPENING, *CLOSING) and balance.currency != currency]
    return [
        Finding("balance-currency", {"balance": Money(balance.amount_minor, balance.currency), "currency": currency}) for balance in wrong
    ]


def _period(element: Any, balances: list[Balance], lines: list[Line], place: Place) -> tuple[date, date]:
    """The days that the period stated, the lines and the closing balance span; without any of them, those of other balances."""
    stated = at(element, "FrToDt")
    days = [_day(stated, name, place) for name in ("FrDtTm|FrDt", "ToDtTm|ToDt")] if stated is not None else []
    days += [line.booking_date for line in lines]
    days += [balance.day for balance in balances if balance.day and balance.code in CLOSING]
    days = days or [balance.day for balance in balances]
    days = days or [_day(element, "CreDtTm", place)]
    known = [day for day in days if day is not None]
    if not known:
        raise place.missing("FrToDt")
    return min(known), max(known)


def _lines(entry: Any, currency: str, own_account: str, file: str) -> tuple[list[Line], Finding | None]:
    place = _place(entry, file)
    amount, entry_currency = _amount(entry, place)
    if entry_currency != currency:
        raise place.invalid("Amt/@Ccy", entry_currency)
    sign = _sign(entry, place)
    value_day = _day(entry, "ValDt", place)
    booking_day = _day(entry, "BookgDt", place) or value_day
    if booking_day is None:
        raise place.missing("BookgDt")
    reversal = text_at(entry, "RvslInd").lower() in ("true", "1")
    status = text_at(entry, "Sts/Cd", "Sts")
    frame = Line(
        booking_day, value_day or booking_day, sign * amount, reference=_reference(text_at(entry, "AcctSvcrRef")),
        pending=status != "BOOK", reversal=reversal,
    )  # fmt: skip
    details = [detail for block in children(entry, "NtryDtls") for detail in children(block, "TxDtls")]
    additional = text_at(entry, "AddtlNtryInf")
    if not details:
        return [frame._replace(purpose=additional)], None
    if len(details) == 1:
        return [_detailed(frame, details[0], own_account, additional)], None
    parts = [_part(detail, currency, sign, place) for detail in details]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts) or sum(known) != sign * amount:
        joined = "; ".join(filter(None, (_detailed(frame, detail, own_account, "").purpose for detail in details)))
        facts = {"parts": Money(sum(known), currency), "total": Money(sign * amount, currency)}
        return [frame._replace(purpose=joined or additional)], Finding("batch-differs", facts)
    return [
        _detailed(frame._replace(amount_minor=part), detail, own_account, additional) for part, detail in zip(known, details, strict=True)
    ], None


def _part(detail: Any, currency: str, sign: int, place: Place) -> int | None:
    """The signed amount of one transaction of a batch, None when it is not stated in the currency of the account."""
    for path in ("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt"):
        found = at(detail, path)
        if found is not None and found.get("Ccy") == currency:
            amount = place.amount(found.text or "", currency, path)
            return amount * (_sign(detail, place) if at(detail, "CdtDbtInd") is not None else sign)
    return None


def _detailed(frame: Line, detail: Any, own_account: str, additional: str) -> Line:
    """The line with what the transaction says of the other side and of the purpose."""
    returned = at(detail, "RtrInf") is not None
    roles = ("Dbtr", "Cdtr") if (frame.amount_minor > 0) != (frame.reversal or returned) else ("Cdtr", "Dbtr")
    side = next((found for role in roles if (found := _side(detail, role)).account != own_account and found != Side("", "", "", "")), None)
    side = side or Side("", "", "", "")
    remittance = [one_line("".join(part.itertext())) for part in (at(detail, "RmtInf"),) if part is not None for part in part]
    purpose = " ".join(filter(None, remittance)) or text_at(detail, "AddtlTxInf") or additional
    if returned:
        purpose = " ".join(filter(None, (purpose, text_at(detail, "RtrInf/AddtlInf", "RtrInf/Rsn/Cd"))))
    return frame._replace(
        name=side.name,
        tax_id=side.tax_id,
        account=side.account,
        bic=side.bic,
        purpose=purpose,
        reference=_reference(text_at(detail, "Refs/AcctSvcrRef", "Refs/TxId")) or frame.reference,
        end_to_end=_reference(text_at(detail, "Refs/EndToEndId", "Refs/InstrId", "Refs/PmtInfId")),
        reversal=frame.reversal or returned,
    )


def _side(detail: Any, role: str) -> Side:
    party = at(detail, f"RltdPties/{role}")
    inner = at(party, "Pty") if party is not None else None
    party = inner if inner is not None else party
    name = text_at(party, "Nm") or text_at(detail, f"RltdPties/Ultmt{role}/Nm", f"RltdPties/Ultmt{role}/Pty/Nm")
    account = text_at(detail, f"RltdPties/{role}Acct/Id/IBAN", f"RltdPties/{role}Acct/Id/Othr/Id").replace(" ", "")
    tax_id = text_at(party, "Id/OrgId/Othr/Id", "Id/PrvtId/Othr/Id").replace(" ", "").upper()
    bic = text_at(detail, f"RltdAgts/{role}Agt/FinInstnId/BICFI|BIC", f"RltdAgts/{role}Agt/FinInstnId/ClrSysMmbId/MmbId")
    return Side(name, tax_id if TAX_ID.fullmatch(tax_id) else "", account, bic)


def _amount(element: Any, place: Place) -> tuple[int, str]:
    found = at(element, "Amt")
    if found is None:
        raise place.missing("Amt")
    currency = found.get("Ccy", "")
    try:
        return place.amount(found.text or "", currency, "Amt"), currency
    except DomainError:
        raise place.invalid("Amt", f"{found.text} {currency}") from None


def _sign(element: Any, place: Place) -> int:
    value = text_at(element, "CdtDbtInd")
    if value not in ("CRDT", "DBIT"):
        raise place.invalid("CdtDbtInd", value) if value else place.missing("CdtDbtInd")
    return 1 if value == "CRDT" else -1


def _day(element: Any, path: str, place: Place) -> date | None:
    text = text_at(element, f"{path}/Dt", f"{path}/DtTm", path)
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        raise place.invalid(path, text) from None


def _reference(text: str) -> str:
    return "" if text.upper() in NO_REFERENCE else text
