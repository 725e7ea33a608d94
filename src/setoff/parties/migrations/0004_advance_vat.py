"""The VAT rate of the advances under a contract (spec 2.8)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("parties", "0003_bankrupt_since")]
    operations = [migrations.AddField("contract", "advance_vat", models.TextField(blank=True, db_default=""))]
