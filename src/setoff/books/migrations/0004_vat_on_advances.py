"""VAT on advances as a unit keeps it (spec 2.8): off until it says otherwise, so that books that stand stay as they are."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("books", "0003_difference_limit")]
    operations = [
        migrations.AddField("unit", "vat_on_advances", models.TextField(db_default="off")),
        migrations.AddField("unit", "vat_on_advances_from", models.DateField(null=True)),
        migrations.AddField("unit", "vat_on_set_off", models.TextField(db_default="terminated")),
        migrations.AddConstraint(
            "unit",
            models.CheckConstraint(
                condition=models.Q(("vat_on_advances__in", ["off", "same_day", "five_days", "tax_period"])), name="unit_vat_on_advances"
            ),
        ),
        migrations.AddConstraint(
            "unit",
            models.CheckConstraint(condition=models.Q(("vat_on_set_off__in", ["terminated", "always"])), name="unit_vat_on_set_off"),
        ),
    ]
