"""The published JSON Schema of a scenario file, made of the structures that read it: `setoff scenario schema`.

A step is one of as many shapes as there are verbs. Documents have the fields of their records, less what the story fills in,
plus the shorthand; so a field that a document type gains is in the schema at once.
"""

from __future__ import annotations

import copy
import json
from typing import Any, Final

import msgspec

from setoff.clearing.rounds.records import CONFIRMATIONS
from setoff.intake.schema import record_schema
from setoff.scenarios.format import (
    ACTIONS,
    ADJUSTMENT_VERBS,
    CORRECTION_VERBS,
    DOCUMENT_VERBS,
    NOTICE_VERBS,
    OPENING_VERBS,
    PACKAGING_VERBS,
    PAYMENT_VERBS,
    PLAN_VERBS,
    SUPPLY_VERBS,
    Expected,
    Scenario,
)
from setoff.trade.documents import (
    AdvanceOffset,
    AdvanceVat,
    BranchNotice,
    CustomerBill,
    CustomerOrder,
    DebtAdjustment,
    DoubtfulReserve,
    LoanInterest,
    ManualEntry,
    OpeningBalance,
    Packaging,
    Payment,
    Purchase,
    PurchaseCorrection,
    PurchaseReturn,
    Revaluation,
    Sale,
    SaleCorrection,
    SaleReturn,
    SupplierBill,
    SupplierOrder,
)
from setoff.trade.invoice_documents import IssuedInvoice, ReceivedInvoice
from setoff.trade.notice_paper import NATURES

Schema = dict[str, Any]

TEXT: Final[Schema] = {"type": "string"}
FLAG: Final[Schema] = {"type": "boolean"}
COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
NAMED: Final[Schema] = {"type": "object", "additionalProperties": TEXT}
NOTICE_ROWS: Final[Schema] = {"type": "array", "items": {"anyOf": [TEXT, {"type": "object"}]}}
TEXTS: Final[Schema] = {"type": "array", "items": TEXT}
DOCUMENTS: Final[dict[str, type[Any]]] = {
    "sale": Sale,
    "purchase": Purchase,
    "sale_correction": SaleCorrection,
    "purchase_correction": PurchaseCorrection,
    "sale_return": SaleReturn,
    "purchase_return": PurchaseReturn,
    "manual_entry": ManualEntry,
    **dict.fromkeys(ADJUSTMENT_VERBS, DebtAdjustment),
    "advance_offset": AdvanceOffset,
    "advance_vat": AdvanceVat,
    "issued_invoice": IssuedInvoice,
    "received_invoice": ReceivedInvoice,
    "revaluation": Revaluation,
    "loan_interest": LoanInterest,
    "doubtful_reserve": DoubtfulReserve,
    **dict.fromkeys(PACKAGING_VERBS, Packaging),
    "customer_order": CustomerOrder,
    "supplier_order": SupplierOrder,
    "customer_bill": CustomerBill,
    "supplier_bill": SupplierBill,
    **dict.fromkeys(NOTICE_VERBS, BranchNotice),
    **dict.fromkeys(PAYMENT_VERBS, Payment),
    **dict.fromkeys(OPENING_VERBS, OpeningBalance),
}
SHORT_LINE: Final = ("amount", "name", "quantity", "price", "vat_rate", "vat", "cost", "account", "item", "goods")
ACTION_FIELDS: Final[dict[str, Schema]] = {
    "reorder": {"day_order": {"type": "integer", "minimum": 0, "maximum": 511}},
    "close": {"unit": TEXT},
    "revalue": {"unit": TEXT},
    "accrue": {"unit": TEXT},
    "accrue_reserve": {"unit": TEXT},
    "reschedule": {"unit": TEXT, "date": TEXT},
    "seal": {"unit": TEXT},
    "reopen": {"unit": TEXT, "reason": TEXT, "sealed": FLAG},
    "open_round": {
        "date": TEXT, "units": TEXTS, "confirmation": {"enum": list(CONFIRMATIONS)}, "needs_consent": FLAG, "one_sided": FLAG,
        "from_books": FLAG, "due_only": FLAG, "age_days_min": COUNT, "minimum": TEXT, "excluded": TEXTS, "cycle_max": COUNT,
        "caps": {"type": "array", "items": {**TEXTS, "minItems": 4, "maxItems": 4}}, "prefer": {"enum": ["age", "priority", "none"]},
    },
    "round_debts": {"name": TEXT, "debts": {"type": "array", "items": {"type": "object", "additionalProperties": TEXT}}},
    "confirm_round": {"side": {"enum": ["debtor", "creditor"]}, "by": TEXT, "numbers": {"type": "array", "items": COUNT}},
    "solve_round": {},
    "agree_round": {"party": TEXT, "by": TEXT, "date": TEXT},
    "refuse_round": {"party": TEXT, "because": TEXT, "date": TEXT},
    "final_round": {"date": TEXT},
    "reverse_round": {"date": TEXT, "because": TEXT},
    "bill": {"date": TEXT, "unit": TEXT, "kind": {"enum": ["month", "operations", "prepayment"]}, "first": TEXT, "last": TEXT},
    "undo_bill": {},
    "notice": {
        "sender": TEXT, "receiver": TEXT, "date": TEXT, "nature": {"enum": list(NATURES)}, "operation": TEXT, "by": TEXT,
        "sender_rows": NOTICE_ROWS, "receiver_rows": NOTICE_ROWS, "basis": {"type": "array", "items": {"type": "object"}}, "comment": TEXT,
        "reverses": TEXT,
    },
    "send_notice": {"by": TEXT},
    "recall_notice": {"by": TEXT},
    "confirm_notice": {"by": TEXT},
    "reject_notice": {"by": TEXT, "because": TEXT},
    "reverse_notice": {"date": TEXT, "because": TEXT, "unit": TEXT, "by": TEXT},
    "undo_notice": {"by": TEXT, "because": TEXT},
    "drop_notice": {"by": TEXT},
    "branch_operation": {
        "template": TEXT, "date": TEXT, "unit": TEXT, "head": TEXT, "branch": TEXT, "by": TEXT, "amounts": NAMED, "contracts": NAMED,
        "accounts": NAMED,
    },
    "share_costs": {
        "template": TEXT, "date": TEXT, "head": TEXT, "by": TEXT, "total": TEXT,
        "key": {"type": "object", "additionalProperties": COUNT},
    },
    "pay_quote": {"date": TEXT, "currency": TEXT},
}
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
ANY_STEP: Final = "any step"
REFUSED: Final[Schema] = {
    "type": "object",
    "required": ["code"],
    "properties": {"code": TEXT},
    "description": "The step must be refused with this code; every other field named here must be told with it.",
}

REFUSED_STEP: Final[Schema] = {
    "title": "a step that must be refused",
    "description": "A step with `refused` may say anything: that is what it is for.",
    "type": "object",
    "required": ["refused"],
    "properties": {"refused": REFUSED, "expect": {"$ref": "#/$defs/Expected"}},
}
COMMON: Final[dict[str, Schema]] = {
    "note": TEXT,
    "changes": TEXTS,
    "dry_run": FLAG,
    "demote_targets": FLAG,
    "expect": {"$ref": "#/$defs/Expected"},
}


def scenario_schema() -> Schema:
    """A self-contained schema of the whole file (draft 2020-12)."""
    definitions: dict[str, Schema] = dict(record_schema()["$defs"])
    _, components = msgspec.json.schema_components([Scenario, Expected], ref_template="#/$defs/{name}")
    scenario = components.pop("Scenario")
    definitions |= components
    properties = scenario["properties"]
    shared = {_fields_name(verb): _document_fields(verb, definitions) for verb in DOCUMENTS}
    shared |= {_fields_name(verb): _action_fields(verb, definitions) for verb in ACTIONS}
    definitions |= {name: {"properties": fields} for name, fields in {**shared, ANY_STEP: COMMON}.items()}
    shapes = [_step(verb) for verb in (*DOCUMENT_VERBS, *ACTIONS)]
    properties["steps"] = {"type": "array", "items": {"oneOf": [*shapes, REFUSED_STEP]}}
    for field, record in (("contracts", "Contract"), ("loans", "Loan"), ("counterparties", "Counterparty"), ("agreements", "Agreement")):
        properties[field] = {"type": "object", "additionalProperties": _without(definitions[record], ("type", "code"))}
    return {"$schema": DIALECT, "title": "Setoff scenario", **scenario, "$defs": definitions}


def schema_text() -> str:
    """The schema as it is printed and published."""
    return json.dumps(scenario_schema(), indent=2, ensure_ascii=False) + "\n"


def _step(verb: str) -> Schema:
    return {
        "title": verb,
        "type": "object",
        "required": [verb],
        "properties": {
            verb: {"type": "string", "description": ACTIONS.get(verb, "post this document; the text is its plain name")},
            "refused": False,
        },
        "allOf": [{"$ref": f"#/$defs/{name}"} for name in (_fields_name(verb), ANY_STEP)],
        "unevaluatedProperties": verb == "edit",
    }


def _fields_name(verb: str) -> str:
    """The name of the fields that go with a verb; documents of one structure share theirs."""
    return f"{DOCUMENTS[verb].__name__} step" if verb in DOCUMENTS else f"{verb} step"


def _document_fields(verb: str, definitions: dict[str, Schema]) -> dict[str, Schema]:
    """Fields of the record but those that the verb gives, and the shorthand."""
    fields: dict[str, Schema] = _without(definitions[DOCUMENTS[verb].__name__], ("type", "key", "kind"))["properties"]
    if verb in SUPPLY_VERBS or verb in CORRECTION_VERBS or verb in PLAN_VERBS or verb in PACKAGING_VERBS:
        line = definitions["Line"]["properties"]
        fields |= {name: line["kind" if name == "goods" else name] for name in SHORT_LINE}
    for name in ("stages", "targets", "bases", "rates"):
        if name in fields:
            fields[name] = {"type": "array", "items": {"anyOf": [TEXT, {"type": "object"}]}}
    if "rows" in fields:
        fields["rows"] = {"type": "array", "items": {"anyOf": [TEXT, {"type": "object"}]} if verb in NOTICE_VERBS else {"type": "object"}}
    return fields


def _action_fields(verb: str, definitions: dict[str, Schema]) -> dict[str, Schema]:
    if verb == "import":
        return {"records": {"type": "array", "items": {"type": "object"}}, "on_error": {"enum": ["stop", "collect"]}}
    if verb == "masters":
        return {"records": {"type": "array", "items": {"type": "object"}}}
    if verb == "change_contract":
        fields: dict[str, Schema] = _without(definitions["Contract"], ("type", "code"))["properties"]
        return fields
    return ACTION_FIELDS.get(verb, {})


def _without(definition: Schema, fields: tuple[str, ...]) -> Schema:
    """A record's schema without fields, and with none required: the story has a default for each."""
    result = copy.deepcopy(definition)
    result["properties"] = {name: value for name, value in result["properties"].items() if name not in fields}
    result.pop("required", None)
    return result
