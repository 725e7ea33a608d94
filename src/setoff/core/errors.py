"""Refusals: a business rule says no, and says it with a stable code and its facts.

`DomainError(ErrorCode.X, **facts)` is the only exception that rules and services raise for bad input. The text for
people lives in `language/*.ftl` under the code; every code has a test and a documented line there, in three languages.
`InvariantViolation` means a bug of ours: nobody catches it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any


class ErrorCode(StrEnum):
    # documents and contracts (spec 2.0)
    CONTRACT_NOT_ACTIVE = "contract_not_active"
    CONTRACT_OUT_OF_VALIDITY = "contract_out_of_validity"
    RELATION_MISMATCH = "relation_mismatch"
    CURRENCY_DIFFERS_FROM_CONTRACT = "currency_differs_from_contract"
    ALLOCATION_EXCEEDS_BALANCE = "allocation_exceeds_balance"
    TARGET_IN_FUTURE = "target_in_future"
    CONFLICT_WITH_LATER_TARGET = "conflict_with_later_target"
    PERIOD_CLOSED = "period_closed"
    SIDES_DIFFER = "sides_differ"
    RECEIVER_HAS_OPPOSITE_SIGN = "receiver_has_opposite_sign"
    ACCRUAL_TOWARDS_ZERO = "accrual_towards_zero"
    DOCUMENT_CLOSED = "document_closed"
    REVERSED_ALREADY = "reversed_already"
    SETTLEMENT_ACCOUNT_WITHOUT_NODE = "settlement_account_without_node"
    ONE_SIDED_30404 = "one_sided_30404"
    INVALID_ACCOUNT_PAIR = "invalid_account_pair"
    UNKNOWN_ACCOUNT = "unknown_account"
    # what any input may get wrong
    INVALID_AMOUNT = "invalid_amount"
    AMOUNT_NOT_POSITIVE = "amount_not_positive"
    AMOUNT_TOO_LARGE = "amount_too_large"
    INVALID_DATE = "invalid_date"
    INVALID_RATE = "invalid_rate"
    INVALID_VALUE = "invalid_value"
    FIELD_MISSING = "field_missing"
    UNKNOWN_FIELD = "unknown_field"
    UNKNOWN_CURRENCY = "unknown_currency"
    UNKNOWN_REFERENCE = "unknown_reference"
    REFERENCE_EXISTS = "reference_exists"
    RATE_MISSING = "rate_missing"
    PARTS_DIFFER_FROM_TOTAL = "parts_differ_from_total"
    STAGES_DIFFER_FROM_TOTAL = "stages_differ_from_total"
    PAYMENT_SUMS_DIFFER = "payment_sums_differ"
    NUMBER_TAKEN = "number_taken"
    CONTRACT_REQUIRED = "contract_required"
    CONTRACT_OF_OTHER_PARTY = "contract_of_other_party"
    CONTRACT_IN_USE = "contract_in_use"
    CONTRACT_NOT_SETTLED = "contract_not_settled"
    CONTRACT_STATUS_ORDER = "contract_status_order"
    CONTRACT_NOT_USED = "contract_not_used"
    AGREEMENT_OF_OTHER_PARTY = "agreement_of_other_party"
    DISBURSEMENT_CURRENCY = "disbursement_currency"
    TARIFF_MISSING = "tariff_missing"
    WEEKLY_LIMIT = "weekly_limit"
    AWAITING_PREPAYMENT = "awaiting_prepayment"
    RUN_UNDONE = "run_undone"
    CREDIT_LIMIT_EXCEEDED = "credit_limit_exceeded"
    OVERDUE_FORBIDS_SHIPMENT = "overdue_forbids_shipment"
    PREPAYMENT_MISSING = "prepayment_missing"
    ORDER_NOT_RELEASED = "order_not_released"
    ORDER_OF_OTHER_PARTY = "order_of_other_party"
    RECORD_IN_USE = "record_in_use"
    BASE_MISMATCH = "base_mismatch"
    BASE_IN_USE = "base_in_use"
    BASE_INVOICED = "base_invoiced"
    INVOICE_DIFFERS = "invoice_differs"
    TARGET_MISMATCH = "target_mismatch"
    EXCEEDS_BASE = "exceeds_base"
    REFUND_EXCEEDS_ADVANCE = "refund_exceeds_advance"
    WRONG_STATE = "wrong_state"
    PERIOD_NOT_CONTIGUOUS = "period_not_contiguous"
    PERIOD_STATE = "period_state"
    PERIOD_ALTERED = "period_altered"
    EDITED_MEANWHILE = "edited_meanwhile"
    # people and rules
    NOT_PERMITTED = "not_permitted"
    ROLE_MISSING = "role_missing"
    TOKEN_INVALID = "token_invalid"  # noqa: S105 - a code
    TOKEN_EXPIRED = "token_expired"  # noqa: S105
    PASSWORD_WEAK = "password_weak"  # noqa: S105
    LAST_ADMINISTRATOR = "last_administrator"
    APPROVAL_OWN = "approval_own"
    APPROVAL_DECIDED = "approval_decided"
    APPROVAL_STALE = "approval_stale"
    ALLOCATION_CHANGED = "allocation_changed"
    # attachments
    ATTACHMENT_TYPE_REFUSED = "attachment_type_refused"
    ATTACHMENT_TOO_LARGE = "attachment_too_large"
    ATTACHMENT_EXISTS = "attachment_exists"
    TOO_MANY_ATTACHMENTS = "too_many_attachments"
    # files
    FILE_UNREADABLE = "file_unreadable"
    FILE_UNWRITABLE = "file_unwritable"
    ENCODING_UNKNOWN = "encoding_unknown"
    ROW_UNREADABLE = "row_unreadable"
    MAPPING_INVALID = "mapping_invalid"
    MAPPING_REQUIRED = "mapping_required"
    COLUMN_MISSING = "column_missing"
    COLUMN_TWICE = "column_twice"
    FILE_EMPTY = "file_empty"
    FILE_NOT_TEXT = "file_not_text"
    ROW_TOO_LONG = "row_too_long"
    QUOTE_OPEN = "quote_open"
    TEXT_UNREADABLE = "text_unreadable"
    ROWS_DIFFER = "rows_differ"
    STATEMENT_UNKNOWN_FORMAT = "statement_unknown_format"
    STATEMENT_UNREADABLE = "statement_unreadable"
    STATEMENT_FIELD_MISSING = "statement_field_missing"
    STATEMENT_VALUE_INVALID = "statement_value_invalid"
    BANK_ACCOUNT_UNKNOWN = "bank_account_unknown"
    BANK_ACCOUNT_TAKEN = "bank_account_taken"
    BANK_LINE_STATE = "bank_line_state"
    BANK_LINE_DIFFERS = "bank_line_differs"
    BANK_LINE_PENDING = "bank_line_pending"
    PAYMENT_NOT_APPROVED = "payment_not_approved"
    PAYMENT_DETAILS_MISSING = "payment_details_missing"
    PAYMENT_DETAILS_INVALID = "payment_details_invalid"
    REPORT_UNKNOWN = "report_unknown"
    REPORT_OPTION_UNUSED = "report_option_unused"
    REPORT_OPTION_MISSING = "report_option_missing"
    ACCOUNTING_POLICIES_DIFFER = "accounting_policies_differ"
    REPORT_GROUP_UNKNOWN = "report_group_unknown"
    REPORT_TOO_LONG = "report_too_long"
    ACT_AGREED = "act_agreed"
    ACT_STATE = "act_state"
    ACT_OUTDATED = "act_outdated"
    ACT_DIFFERS = "act_differs"
    ROUND_EXISTS = "round_exists"
    ROUND_STATE = "round_state"
    ROUND_OWN_PARTY = "round_own_party"
    ROUND_ROWS_REFUSED = "round_rows_refused"
    ROUND_UNSIGNED = "round_unsigned"
    ROUND_LOTS_CHANGED = "round_lots_changed"
    ROUND_DOCUMENT = "round_document"
    MAIL_NOT_SENT = "mail_not_sent"
    # the API
    REQUEST_UNREADABLE = "request_unreadable"
    REQUEST_TOO_LARGE = "request_too_large"
    MEDIA_TYPE_UNSUPPORTED = "media_type_unsupported"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    ROUTE_UNKNOWN = "route_unknown"
    SIGN_IN_REQUIRED = "sign_in_required"
    CSRF_FAILED = "csrf_failed"
    VERSION_DIFFERS = "version_differs"
    IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused"
    REQUEST_IN_PROGRESS = "request_in_progress"
    TOO_MANY_REQUESTS = "too_many_requests"
    WEBHOOK_ADDRESS_REFUSED = "webhook_address_refused"
    INTERNAL_ERROR = "internal_error"
    SCENARIO_INVALID = "scenario_invalid"
    # the database and the operation
    DATABASE_UNREACHABLE = "database_unreachable"
    DATABASE_NEWER = "database_newer"
    DATABASE_BUSY = "database_busy"
    DATABASE_FULL = "database_full"
    DATABASE_NOT_EMPTY = "database_not_empty"
    DATABASE_RIGHT_MISSING = "database_right_missing"
    BACKUP_UNWRITABLE = "backup_unwritable"
    BACKUP_DAMAGED = "backup_damaged"
    BACKUP_NEWER = "backup_newer"
    SETTING_INVALID = "setting_invalid"
    ADDRESS_IN_USE = "address_in_use"
    UPLOAD_TOO_LARGE = "upload_too_large"


class DomainError(Exception):
    """A refusal. `facts` are plain values (str, int, date, list of dict); amounts come as `Money`, to print by locale."""

    def __init__(self, code: ErrorCode, **facts: Any) -> None:
        super().__init__(code.value, facts)
        self.code = code
        self.facts = facts

    def __str__(self) -> str:
        return f"{self.code.value}: " + ", ".join(f"{name}={value}" for name, value in self.facts.items())


class InvariantViolation(AssertionError):
    """A law of the model is broken: a bug of ours, never of the user's. Nobody catches it."""
