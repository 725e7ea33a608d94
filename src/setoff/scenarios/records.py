"""From the short words of a story to full records. They are decoded and checked like those of any other file, so that a story can
also show a refusal of the decoder. Shorthand of documents:

    amount, vat_rate, vat, cost, name, account, item of a supply   one line with those fields (`goods` = the line's kind)
    stages = ["2026-02-01 500.00"]                                  due stages
    stages = ["advance 30%", "credit 70% shipment +10 working"]     stages of an order or a bill, in percent or by amount
    targets = ["invoice 1 #2  300.00 internal"]                     targets; without the last word the payer named them
    bases = ["invoice 1"]                                           what a tax invoice is for
    rates = ["EUR 71.20", "JPY 58.30 / 100"]                        rates of a revaluation, for that many units
    rows = ["2 10960 000 / 2 30231 730  100.00 with work"]         rows of notices: `with` a contract, `on` claims or obligations
    contract, counterparty                                          the story's only contract; a contract's counterparty
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import msgspec

from setoff.scenarios.format import (
    ADJUSTMENT_VERBS,
    BOOK_CURRENCY,
    CORRECTION_VERBS,
    INVOICE_VERBS,
    NOTICE_VERBS,
    OPENING_VERBS,
    PACKAGING_VERBS,
    PAYMENT_VERBS,
    PLAN_VERBS,
    SUPPLY_VERBS,
    Scenario,
)
from setoff.scenarios.lines import AMOUNT
from setoff.scenarios.notice_lines import read_row

ORGANIZATION: Final = "ORG"
_LINE_FIELDS: Final = ("amount", "name", "quantity", "price", "vat_rate", "vat", "cost", "account", "item")
_TARGET: Final = re.compile(
    rf"(?P<document>\S.*?)(?: #(?P<line>\d+))?\s+(?P<amount>{AMOUNT})(?:\s+(?P<named_by>payer|internal))?"
)
_ORDER_STAGE: Final = re.compile(
    rf"(?P<variant>\w+) (?P<share>{AMOUNT})(?P<percent>%)?(?: (?P<base>[a-z]+))?(?: (?P<days>[+-]\d+)(?P<working> working)?)?"
)
_PARTY_FREE: Final = ("other_in", "other_out")

Record = dict[str, Any]


def book_currency(scenario: Scenario) -> str:
    return scenario.book_currency or BOOK_CURRENCY[scenario.chart]


def masters(scenario: Scenario) -> list[Record]:
    """The records the story starts with, in an order in which each refers to earlier ones only."""
    currency = book_currency(scenario)
    records: list[Record] = [
        {"type": "organization", "code": ORGANIZATION, "name": ORGANIZATION, "chart": scenario.chart, "book_currency": currency}
    ]
    records += [{"type": "unit", "code": unit, "organization": ORGANIZATION, "name": unit} | scenario.policies for unit in scenario.units]
    records += [counterparty(scenario, code) for code in _counterparties(scenario)]
    records += [{"type": "agreement", "code": code, "name": code, "currency": currency} | fields
                for code, fields in scenario.agreements.items()]
    records += [contract(scenario, code) for code in scenario.contracts]
    records += [{"type": "loan", "code": code, "item": "interest"} | fields for code, fields in scenario.loans.items()]
    for code, lines in scenario.rates.items():
        for line in lines:
            day, rate, *nominal = line.replace("/", " ").split()
            more = {"nominal": nominal[0]} if nominal else {}
            records.append({"type": "rate", "currency": code, "quote": currency, "date": day, "rate": rate, **more})
    return records + scenario.masters


def counterparty(scenario: Scenario, code: str) -> Record:
    return {"type": "counterparty", "code": code, "name": code} | scenario.counterparties.get(code, {})


def contract(scenario: Scenario, code: str, **changed: Any) -> Record:
    currency = book_currency(scenario)
    record = {"type": "contract", "code": code, "number": code, "organization": ORGANIZATION, "currency": currency}
    return record | scenario.contracts.get(code, {}) | changed


def _counterparties(scenario: Scenario) -> list[str]:
    """Who is named anywhere, in the order they appear."""
    named = list(scenario.counterparties)
    tables = [*scenario.contracts.values(), *(inner for step in scenario.steps for inner in _tables(step))]
    for table in tables:
        named += [table[field] for field in ("counterparty", "payer") if isinstance(table.get(field), str) and table[field]]
    return list(dict.fromkeys(named))


def _tables(value: Any) -> list[Record]:
    """All tables inside a step, the step included; what is expected or refused names nobody new."""
    if isinstance(value, list):
        return [inner for item in value for inner in _tables(item)]
    if not isinstance(value, dict):
        return []
    inner = [found for name, item in value.items() if name not in ("expect", "refused") for found in _tables(item)]
    return [value, *inner]


def document(scenario: Scenario, verb: str, name: str, fields: Record) -> Record:
    """The record of a document step: `name` becomes its external key and, unless one is given, its number."""
    record = _typed(verb) | {"key": name, "number": name, "unit": scenario.units[0]} | fields
    if verb in OPENING_VERBS:
        record["rows"] = [_with_contract(scenario, row) for row in record.get("rows", [])]
        return record
    if verb in ADJUSTMENT_VERBS:
        record["rows"] = [_with_contract(scenario, row) for row in record.get("rows", [])]
        if "receiver" in record:
            record["receiver"] = _with_contract(scenario, record["receiver"])
        if "stages" in record:
            record["stages"] = [_stage(stage) for stage in record["stages"]]
        return record
    if verb in NOTICE_VERBS:
        return record | {"rows": notice_rows(scenario, record.get("rows", []))}
    if verb == "doubtful_reserve":
        return record | {"rows": [_with_contract(scenario, row) for row in record.get("rows", [])]}
    if verb == "revaluation":
        return record | {"rates": [_rate(rate) for rate in record.get("rates", [])]}
    of_contract = (*SUPPLY_VERBS, *PLAN_VERBS, *PACKAGING_VERBS, "advance_offset", "loan_interest")
    if verb in of_contract or (verb in PAYMENT_VERBS and verb not in _PARTY_FREE):
        record = _with_contract(scenario, record)
    if verb in SUPPLY_VERBS or verb in CORRECTION_VERBS or verb in PLAN_VERBS or verb in PACKAGING_VERBS:
        record = _supply(record, _order_stage if verb in PLAN_VERBS else _stage)
    if verb in PAYMENT_VERBS:
        record = _payment(record)
    if verb in INVOICE_VERBS and isinstance(record.get("bases"), list):
        record["bases"] = [{"document": base} if isinstance(base, str) else base for base in record["bases"]]
    return record


def notice_rows(scenario: Scenario, said: list[Any]) -> list[Any]:
    """"2 10960 000 / 2 30231 730  100.00 with work": a row whose settlements are with the contract "work"."""
    found = []
    for row in said:
        read = msgspec.to_builtins(read_row(row)) if isinstance(row, str) else row
        contract = read.get("contract") if isinstance(read, dict) else None
        if contract in scenario.contracts:
            read = {"counterparty": scenario.contracts[contract].get("counterparty", "")} | read
        found.append(read)
    return found


def _rate(said: Any) -> Any:
    """"EUR 71.20", or "JPY 58.30 / 100"."""
    if not isinstance(said, str):
        return said
    currency, rate, *nominal = said.replace("/", " ").split()
    return {"currency": currency, "rate": rate, "nominal": nominal[0] if nominal else "1"}


def _typed(verb: str) -> Record:
    if verb in PAYMENT_VERBS:
        return {"type": "payment", "kind": verb}
    if verb in OPENING_VERBS:
        return {"type": "opening_balance", "kind": verb.removeprefix("opening_")}
    if verb in ADJUSTMENT_VERBS:
        return {"type": "debt_adjustment", "kind": ADJUSTMENT_VERBS[verb]}
    if verb in PACKAGING_VERBS:
        return {"type": "packaging", "kind": PACKAGING_VERBS[verb]}
    if verb in NOTICE_VERBS:
        return {"type": "branch_notice"}
    return {"type": verb}


def _with_contract(scenario: Scenario, record: Record) -> Record:
    """A contract brings its counterparty; with nothing said, the story's only contract is meant. "none" means none."""
    result = dict(record)
    named_in_rows = any("contract" in row for row in record.get("rows", []))
    if not {"contract", "counterparty"} & set(record) and len(scenario.contracts) == 1 and not named_in_rows:
        result["contract"] = next(iter(scenario.contracts))
    if result.get("contract") == "none":
        del result["contract"]
    owner = result.get("contract") or next((row["contract"] for row in record.get("rows", []) if "contract" in row), None)
    if "counterparty" not in result and owner in scenario.contracts:
        result["counterparty"] = scenario.contracts[owner].get("counterparty", "")
    return result


def _supply(record: Record, stage_of: Callable[[Any], Any]) -> Record:
    result = dict(record)
    line: Record = {field: result.pop(field) for field in _LINE_FIELDS if field in result}
    if "goods" in result:
        line["kind"] = result.pop("goods")
    if line and "lines" not in result:
        result["lines"] = [{"kind": "services"} | line]
    elif line:
        result |= line  # both: the decoder will tell that the field is unknown there
    if "stages" in result:
        result["stages"] = [stage_of(stage) for stage in result["stages"]]
    return result


def _payment(record: Record) -> Record:
    result = dict(record)
    if "targets" in result:
        result["targets"] = [_target(target) for target in result["targets"]]
    if "stages" in result:
        result["stages"] = [_stage(stage) for stage in result["stages"]]
    if "rows" in result:
        result["rows"] = [row | {"targets": [_target(target) for target in row["targets"]]} if "targets" in row else row
                          for row in result["rows"]]
    return result


def _stage(stage: Any) -> Any:
    if not isinstance(stage, str):
        return stage
    due, _, amount = stage.partition(" ")
    return {"due": due, "amount": amount.strip()}


def _order_stage(stage: Any) -> Any:
    match = _ORDER_STAGE.fullmatch(stage.strip()) if isinstance(stage, str) else None
    if match is None:
        return stage
    found: Record = {"variant": match["variant"], "percent" if match["percent"] else "amount": match["share"]}
    if match["base"]:
        found["base"] = match["base"]
    if match["days"]:
        found |= {"days": int(match["days"]), "working_days": bool(match["working"])}
    return found


def _target(target: Any) -> Any:
    if not isinstance(target, str):
        return target
    match = _TARGET.fullmatch(target.strip())
    if match is None:
        return target
    found: Record = {name: value for name, value in match.groupdict().items() if value is not None}
    if "line" in found:
        found["line"] = int(found["line"])
    return found
