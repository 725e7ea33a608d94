"""Contracts with commission agents, who sell goods of ours, and with consignors, whose goods we sell (spec 1.2)."""

from django.db import migrations, models
from django.db.models import Q

RELATIONS = [
    "buyer", "supplier", "commission_agent", "consignor", "other_buyer", "other_supplier", "other", "packaging_received",
    "packaging_issued", "loan_received", "loan_granted",
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("parties", "0010_address")]
    operations = [
        migrations.RemoveConstraint("contract", "contract_relation"),
        migrations.AddConstraint(
            "contract", models.CheckConstraint(condition=Q(relation__in=RELATIONS), name="contract_relation")
        ),
    ]
