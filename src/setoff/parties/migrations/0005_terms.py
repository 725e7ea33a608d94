"""Further terms of contracts and agreements: what a contract was made from, who looks after it, what is filled into its documents, when
sales on it are forbidden; and a detail of advances by order with debts by invoice."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

DETAILS = ["contract", "order", "invoice", "order_invoice"]
CHANGED = (
    ("agreement", "agreement_detail", Q(detail__in=DETAILS[1:])),
    ("contract", "contract_detail", Q(detail__in=DETAILS)),
    ("contract", "contract_reg_detail", Q(reg_detail__in=DETAILS)),
)


def text(model: str, name: str) -> migrations.AddField:
    return migrations.AddField(model, name, models.TextField(blank=True, db_default=""))


class Migration(migrations.Migration):
    dependencies = [("parties", "0004_advance_vat")]
    operations = [
        text("agreement", "manager"),
        migrations.AddField(
            "contract", "agreement", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="parties.agreement")
        ),
        *(text("contract", name) for name in ("manager", "bank_account", "party_bank_account", "vat_rate", "vat_rule")),
        migrations.AddField("contract", "forbid_overdue", models.BooleanField(db_default=False)),
        migrations.AddConstraint(
            "contract", models.CheckConstraint(condition=Q(vat_rule__in=["", "included", "on_top"]), name="contract_vat_rule")
        ),
        *(
            operation
            for model, name, condition in CHANGED
            for operation in (
                migrations.RemoveConstraint(model, name),
                migrations.AddConstraint(model, models.CheckConstraint(condition=condition, name=name)),
            )
        ),
    ]
