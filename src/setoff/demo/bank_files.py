"""Statements as banks send them: 1CClientBankExchange, CAMT.053, MT940, written from lines. What `banks/formats` reads back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from xml.sax.saxutils import escape

from setoff.banks.statement import Line
from setoff.core.money import format_amount

SUBFIELD_LENGTH = 27


class Sheet(NamedTuple):
    """A statement to be written: an account of ours in a period. `name` and `tax_id` are ours."""

    account: str
    currency: str
    bic: str
    name: str
    tax_id: str
    first_day: date
    last_day: date
    opening_minor: int
    lines: Sequence[Line]

    def closing_minor(self) -> int:
        return self.opening_minor + sum(line.amount_minor for line in self.lines)


def statement_file(form: str, sheet: Sheet) -> tuple[str, bytes]:
    """Its name and bytes, in the format of the bank."""
    write, ending = {"1c": (_onec, "txt"), "camt": (_camt, "xml"), "mt940": (_mt940, "sta")}[form]
    return f"{sheet.account}_{sheet.last_day:%Y%m%d}.{ending}", write(sheet)


def _onec(sheet: Sheet) -> bytes:
    """In CP1251, as banks in Russia do; in UTF-8 when a name needs it."""
    lines = [
        "1CClientBankExchange", "ВерсияФормата=1.03", "Кодировка=Windows", f"ДатаНачала={sheet.first_day:%d.%m.%Y}",
        f"ДатаКонца={sheet.last_day:%d.%m.%Y}", f"РасчСчет={sheet.account}", "СекцияРасчСчет", f"ДатаНачала={sheet.first_day:%d.%m.%Y}",
        f"ДатаКонца={sheet.last_day:%d.%m.%Y}", f"РасчСчет={sheet.account}",
        f"НачальныйОстаток={format_amount(sheet.opening_minor, sheet.currency)}",
        f"КонечныйОстаток={format_amount(sheet.closing_minor(), sheet.currency)}", "КонецРасчСчет",
    ]  # fmt: skip
    for line in sheet.lines:
        is_in = line.amount_minor > 0
        ours, other = ("Получатель", "Плательщик") if is_in else ("Плательщик", "Получатель")
        day = f"{line.booking_date:%d.%m.%Y}"
        lines += [
            "СекцияДокумент=Платежное поручение", f"Номер={line.end_to_end}", f"Дата={day}",
            f"Сумма={format_amount(abs(line.amount_minor), sheet.currency)}",
            f"{'ДатаПоступило' if is_in else 'ДатаСписано'}={day}", f"{ours}Счет={sheet.account}", f"{ours}ИНН={sheet.tax_id}",
            f"{ours}1={sheet.name}", f"{ours}БИК={sheet.bic}", f"{other}Счет={line.account}", f"{other}ИНН={line.tax_id}",
            f"{other}КПП={line.kpp}", f"{other}1={line.name}", f"{other}БИК={line.bic}", f"НазначениеПлатежа={line.purpose}",
            "КонецДокумента",
        ]  # fmt: skip
    text = "\r\n".join([*lines, "КонецФайла", ""])
    try:
        return text.encode("cp1251")
    except UnicodeEncodeError:
        return text.encode()


def _camt(sheet: Sheet) -> bytes:
    def balance(code: str, amount: int, day: date) -> str:
        side = "CRDT" if amount >= 0 else "DBIT"
        return (
            f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='{sheet.currency}'>{format_amount(abs(amount), sheet.currency)}"
            f"</Amt><CdtDbtInd>{side}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
        )

    def entry(line: Line) -> str:
        is_in = line.amount_minor > 0
        role = "Dbtr" if is_in else "Cdtr"
        account = f"<{role}Acct><Id><IBAN>{escape(line.account)}</IBAN></Id></{role}Acct>" if line.account else ""
        return (
            f"<Ntry><Amt Ccy='{sheet.currency}'>{format_amount(abs(line.amount_minor), sheet.currency)}</Amt>"
            f"<CdtDbtInd>{'CRDT' if is_in else 'DBIT'}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>"
            f"<BookgDt><Dt>{line.booking_date}</Dt></BookgDt><ValDt><Dt>{line.value_date}</Dt></ValDt>"
            f"<NtryDtls><TxDtls><Refs><EndToEndId>{line.end_to_end}</EndToEndId></Refs><RltdPties><{role}><Pty><Nm>{escape(line.name)}</Nm>"
            f"</Pty></{role}>{account}</RltdPties><RmtInf><Ustrd>{escape(line.purpose)}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
        )

    return (
        '<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>'
        f"<Id>{sheet.account}-{sheet.last_day}</Id>"
        f"<FrToDt><FrDtTm>{sheet.first_day}T00:00:00</FrDtTm><ToDtTm>{sheet.last_day}T23:59:59</ToDtTm></FrToDt>"
        f"<Acct><Id><IBAN>{sheet.account}</IBAN></Id><Ccy>{sheet.currency}</Ccy><Svcr><FinInstnId><BICFI>{sheet.bic}</BICFI></FinInstnId></Svcr>"
        f"</Acct>{balance('OPBD', sheet.opening_minor, sheet.first_day)}{balance('CLBD', sheet.closing_minor(), sheet.last_day)}"
        f"{''.join(map(entry, sheet.lines))}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def _mt940(sheet: Sheet) -> bytes:
    """With subfields `?20`..`?29` for the purpose, in GB 18030, as banks in China do."""

    def balance(tag: str, amount: int, day: date) -> str:
        text = format_amount(abs(amount), sheet.currency).replace(".", ",")
        return f":{tag}:{'C' if amount >= 0 else 'D'}{day:%y%m%d}{sheet.currency}{text}"

    fields = [":20:SETOFF", f":25:{sheet.account}", ":28C:1/1", balance("60F", sheet.opening_minor, sheet.first_day)]
    for line in sheet.lines:
        amount = format_amount(abs(line.amount_minor), sheet.currency).replace(".", ",")
        side = "C" if line.amount_minor > 0 else "D"
        fields.append(f":61:{line.value_date:%y%m%d}{line.booking_date:%m%d}{side}{amount}NTRF{line.end_to_end}")
        chunks = [line.purpose[place : place + SUBFIELD_LENGTH] for place in range(0, len(line.purpose), SUBFIELD_LENGTH)][:10]
        purpose = "".join(f"?{20 + place}{chunk}" for place, chunk in enumerate(chunks))
        account = f"?31{line.account}" if line.account else ""
        fields.append(f":86:051?00TRF{purpose}{account}?32{line.name}")
    fields += [balance("62F", sheet.closing_minor(), sheet.last_day), "-", ""]
    return "\r\n".join(fields).encode("gb18030", "replace")
