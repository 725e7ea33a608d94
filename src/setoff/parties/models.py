"""Tables of parties and terms of trade. A column is the field of the record (parties/records.py), except `group` and `order`,
which are words of SQL: `group_name` and `allocation_order`. Absent dates are NULL, absent texts empty."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from setoff.books.models import Organization, Unit, currency_check

RELATIONS = [
    "buyer",
    "supplier",
    "commission_agent",
    "consignor",
    "other_buyer",
    "other_supplier",
    "other",
    "packaging_received",
    "packaging_issued",
    "loan_received",
    "loan_granted",
]
STATUSES = ["draft", "active", "closed"]
DETAILS = ["contract", "order", "invoice", "order_invoice"]


def validity_check(name: str) -> models.CheckConstraint:
    open_ended = Q(valid_from__isnull=True) | Q(valid_to__isnull=True)
    return models.CheckConstraint(condition=open_ended | Q(valid_from__lte=F("valid_to")), name=name)


class Partner(models.Model):
    code = models.TextField()
    name = models.TextField()
    group_name = models.TextField(blank=True)
    is_customer = models.BooleanField()
    is_supplier = models.BooleanField()

    class Meta:
        db_table = "partner"
        constraints = [models.UniqueConstraint(fields=["code"], name="partner_code")]


class Counterparty(models.Model):
    """A legal party. Without partner it is its own partner. `bankrupt_since`: when its bankruptcy was opened."""

    code = models.TextField()
    name = models.TextField()
    partner = models.ForeignKey(Partner, models.PROTECT, null=True)
    tax_id = models.TextField(blank=True)
    kpp = models.TextField(blank=True)
    is_resident = models.BooleanField()
    is_person = models.BooleanField()
    language = models.TextField()
    bankrupt_since = models.DateField(null=True)
    address = models.TextField(blank=True, db_default="")

    class Meta:
        db_table = "counterparty"
        constraints = [
            models.UniqueConstraint(fields=["code"], name="counterparty_code"),
            models.CheckConstraint(condition=Q(language__in=["en", "ru", "zh"]), name="counterparty_language"),
        ]


class Agreement(models.Model):
    """Terms of trade; never a settlement object. Without partner it is typical."""

    code = models.TextField()
    name = models.TextField()
    partner = models.ForeignKey(Partner, models.PROTECT, null=True)
    currency = models.TextField()
    uses_contracts = models.BooleanField()
    detail = models.TextField()
    stages = models.JSONField()  # list of {percent, days, working_days}
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    manager = models.TextField(blank=True, db_default="")
    status = models.TextField()

    class Meta:
        db_table = "agreement"
        constraints = [
            models.UniqueConstraint(fields=["code"], name="agreement_code"),
            models.CheckConstraint(condition=Q(detail__in=DETAILS[1:]), name="agreement_detail"),
            models.CheckConstraint(condition=Q(status__in=STATUSES), name="agreement_status"),
            currency_check("currency", "agreement_currency"),
            validity_check("agreement_validity"),
        ]


class Contract(models.Model):
    """`currency` is the settlement currency; `payment_currency` empty = the same."""

    code = models.TextField()
    organization = models.ForeignKey(Organization, models.PROTECT)
    counterparty = models.ForeignKey(Counterparty, models.PROTECT)
    number = models.TextField()
    relation = models.TextField()
    currency = models.TextField()
    payment_currency = models.TextField(blank=True)
    date = models.DateField(null=True)
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    detail = models.TextField()
    allocation = models.TextField()
    allocation_order = models.TextField()
    reg_detail = models.TextField()
    stages = models.JSONField()  # list of {percent, days, working_days}
    credit_limit_minor = models.BigIntegerField(null=True)  # settlement currency
    debt_account = models.TextField(blank=True)  # the pair that replaces the chart's; both or none
    advance_account = models.TextField(blank=True)
    advance_vat = models.TextField(blank=True, db_default="")  # percentage, "none", or empty: the general rate
    agreement = models.ForeignKey(Agreement, models.PROTECT, null=True)
    manager = models.TextField(blank=True, db_default="")
    bank_account = models.TextField(blank=True, db_default="")
    party_bank_account = models.TextField(blank=True, db_default="")
    forbid_overdue = models.BooleanField(db_default=False)
    vat_rate = models.TextField(blank=True, db_default="")
    vat_rule = models.TextField(blank=True, db_default="")
    status = models.TextField()

    class Meta:
        db_table = "contract"
        constraints = [
            models.UniqueConstraint(fields=["code"], name="contract_code"),
            models.CheckConstraint(condition=Q(relation__in=RELATIONS), name="contract_relation"),
            models.CheckConstraint(condition=Q(detail__in=DETAILS), name="contract_detail"),
            models.CheckConstraint(condition=Q(reg_detail__in=DETAILS), name="contract_reg_detail"),
            models.CheckConstraint(condition=Q(allocation__in=["automatic", "manual"]), name="contract_allocation"),
            models.CheckConstraint(condition=Q(allocation_order__in=["moment", "due_date", "legal"]), name="contract_order"),
            models.CheckConstraint(condition=Q(status__in=STATUSES), name="contract_status"),
            models.CheckConstraint(
                condition=Q(debt_account="", advance_account="") | ~Q(debt_account="") & ~Q(advance_account=""),
                name="contract_account_pair",
            ),
            models.CheckConstraint(
                condition=Q(credit_limit_minor__isnull=True) | Q(credit_limit_minor__gte=0), name="contract_limit"
            ),
            models.CheckConstraint(condition=Q(vat_rule__in=["", "included", "on_top"]), name="contract_vat_rule"),
            currency_check("currency", "contract_currency"),
            validity_check("contract_validity"),
        ]


class Loan(models.Model):
    """Interest and repayment of a contract of loan. `terms`: the other fields of the record."""

    code = models.TextField()
    contract = models.ForeignKey(Contract, models.PROTECT)
    organization = models.ForeignKey(Organization, models.PROTECT)
    terms = models.JSONField()

    class Meta:
        db_table = "loan"
        constraints = [
            models.UniqueConstraint(fields=["code"], name="loan_code"),
            models.UniqueConstraint(fields=["contract"], name="loan_contract"),
        ]


class PriceList(models.Model):
    """A version of a price list, in force from a day until the next. `terms`: the other fields of the record."""

    code = models.TextField()
    valid_from = models.DateField()
    organization = models.ForeignKey(Organization, models.PROTECT)
    name = models.TextField()
    currency = models.TextField()
    terms = models.JSONField()

    class Meta:
        db_table = "price_list"
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="price_list_version"),
            currency_check("currency", "price_list_currency"),
        ]


class ServiceAccount(models.Model):
    """`price_list` is a code: its version is that of the day of the service."""

    code = models.TextField()
    unit = models.ForeignKey(Unit, models.PROTECT)
    contract = models.ForeignKey(Contract, models.PROTECT)
    price_list = models.TextField()
    opened = models.DateField()
    closed = models.DateField(null=True)
    title = models.TextField(blank=True)
    quantity = models.TextField()
    tariffs = models.JSONField()

    class Meta:
        db_table = "service_account"
        constraints = [
            models.UniqueConstraint(fields=["code"], name="service_account_code"),
            models.CheckConstraint(condition=Q(closed__isnull=True) | Q(opened__lte=F("closed")), name="service_account_open"),
        ]
        indexes = [models.Index(fields=["unit", "price_list", "code"], name="service_account_served")]


class ServiceOperation(models.Model):
    """`accounts` are ids; `content` holds the other fields of the record."""

    code = models.TextField()
    unit = models.ForeignKey(Unit, models.PROTECT)
    date = models.DateField()
    title = models.TextField(blank=True)
    content = models.JSONField()
    accounts = ArrayField(models.BigIntegerField())

    class Meta:
        db_table = "service_operation"
        constraints = [models.UniqueConstraint(fields=["code"], name="service_operation_code")]
        indexes = [models.Index(fields=["unit", "date"], name="service_operation_by_date")]
