"""The address of a counterparty, which tax invoices show."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("parties", "0009_ending")]
    operations = [migrations.AddField("counterparty", "address", models.TextField(blank=True, db_default=""))]
