"""Tables of the books' master data: organizations, units, charts, accounts, rates. Constraints only, no behaviour."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Numeric(models.DecimalField):
    """PostgreSQL's numeric as it was typed: 90.5 stays 90.5."""

    def __init__(self, **options):
        super().__init__(**{**options, "max_digits": 40, "decimal_places": 20})

    def deconstruct(self):
        name, path, args, options = super().deconstruct()
        del options["max_digits"], options["decimal_places"]
        return name, path, args, options

    def db_type(self, connection):  # noqa: ARG002 - Django's signature
        return "numeric"


def currency_check(column: str, name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(**{f"{column}__regex": "^[A-Z]{3}$"}), name=name)


class Organization(models.Model):
    code = models.TextField()
    name = models.TextField()
    chart = models.TextField()
    book_currency = models.TextField()
    tax_id = models.TextField(blank=True)
    kpp = models.TextField(blank=True)
    language = models.TextField()
    address = models.TextField(blank=True, db_default="")
    management_currency = models.TextField(blank=True, db_default="")  # empty: the book currency

    class Meta:
        db_table = "organization"
        constraints = [
            models.UniqueConstraint(fields=["code"], name="organization_code"),
            currency_check("book_currency", "organization_currency"),
            models.CheckConstraint(condition=Q(management_currency__regex="^([A-Z]{3})?$"), name="organization_management_currency"),
            models.CheckConstraint(condition=Q(language__in=["en", "ru", "zh"]), name="organization_language"),
        ]


class Unit(models.Model):
    """A balancing unit. Every fact belongs to exactly one. A branch may name its head office."""

    code = models.TextField()
    organization = models.ForeignKey(Organization, models.PROTECT)
    name = models.TextField()
    kind = models.TextField()
    head_office = models.ForeignKey("self", models.PROTECT, null=True)
    difference_limit_minor = models.BigIntegerField(db_default=0)  # book currency; what a set-off may write off between its sides
    vat_on_advances = models.TextField(db_default="off")
    vat_on_advances_from = models.DateField(null=True)
    vat_on_set_off = models.TextField(db_default="terminated")
    policies = models.JSONField(db_default={})  # name of a switch -> value, where it is not the default (parties/switches.py)

    class Meta:
        db_table = "unit"
        constraints = [
            models.UniqueConstraint(fields=["code"], name="unit_code"),
            models.CheckConstraint(condition=Q(kind__in=["head_office", "branch"]), name="unit_kind"),
            models.CheckConstraint(condition=Q(kind="branch") | Q(head_office__isnull=True), name="unit_head_office"),
            models.CheckConstraint(condition=Q(difference_limit_minor__gte=0), name="unit_difference_limit"),
            models.CheckConstraint(
                condition=Q(vat_on_advances__in=["off", "same_day", "five_days", "tax_period"]), name="unit_vat_on_advances"
            ),
            models.CheckConstraint(condition=Q(vat_on_set_off__in=["terminated", "always"]), name="unit_vat_on_set_off"),
        ]


class Chart(models.Model):
    """From which text of its file a chart's accounts were written."""

    name = models.TextField(primary_key=True)
    digest = models.TextField()

    class Meta:
        db_table = "chart"


class Account(models.Model):
    """An account of a chart. The id is made of chart and code (`charts.account_id`): the same in every database."""

    id = models.IntegerField(primary_key=True)
    chart = models.TextField()
    code = models.TextField()
    nature = models.TextField()
    is_settlement = models.BooleanField()
    is_inter_branch = models.BooleanField(db_default=False)
    currency_class = models.TextField()
    names = models.JSONField()  # language -> name

    class Meta:
        db_table = "account"
        constraints = [
            models.UniqueConstraint(fields=["chart", "code"], name="account_code"),
            models.CheckConstraint(condition=Q(nature__in=["active", "passive", "both"]), name="account_nature"),
            models.CheckConstraint(condition=Q(is_settlement=False) | Q(is_inter_branch=False), name="account_inter_branch"),
            models.CheckConstraint(condition=Q(currency_class__in=["book", "foreign", "unit"]), name="account_currency_class"),
        ]


class Rate(models.Model):
    """`rate` units of `quote` for `nominal` units of `currency`, from `date` on until the next."""

    currency = models.TextField()
    quote = models.TextField()
    date = models.DateField()
    rate = Numeric()
    nominal = Numeric(db_default=1)

    class Meta:
        db_table = "rate"
        constraints = [
            models.UniqueConstraint(fields=["currency", "quote", "date"], name="rate_day"),
            models.CheckConstraint(condition=Q(rate__gt=0), name="rate_positive"),
            models.CheckConstraint(condition=Q(nominal__gt=0), name="rate_nominal_positive"),
            currency_check("currency", "rate_currency"),
            currency_check("quote", "rate_quote"),
        ]
