"""A branch names its head office; accounts between units are marked (spec 2.13)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("books", "0006_workdays")]
    operations = [
        migrations.AddField(
            "unit", "head_office", models.ForeignKey("books.unit", on_delete=django.db.models.deletion.PROTECT, null=True)
        ),
        migrations.AddConstraint(
            "unit",
            models.CheckConstraint(
                condition=models.Q(("kind", "branch"), ("head_office__isnull", True), _connector="OR"), name="unit_head_office"
            ),
        ),
        migrations.AddField("account", "is_inter_branch", models.BooleanField(db_default=False)),
        # The charts of a newer file mark their accounts when they are written, after the migrations.
        migrations.AddConstraint(
            "account",
            models.CheckConstraint(
                condition=models.Q(("is_settlement", False), ("is_inter_branch", False), _connector="OR"), name="account_inter_branch"
            ),
        ),
    ]
