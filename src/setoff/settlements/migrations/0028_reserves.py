"""Postings on the reserve for doubtful debts are found by debtor (settlements/reserves.py)."""

from django.db import migrations

from setoff.settlements.reserves import of_reserve


class Migration(migrations.Migration):
    dependencies = [("settlements", "0027_loans")]
    operations = [
        migrations.RunSQL(f"create index posting_of_reserve on posting (unit_id, item, moment) where {of_reserve()}"),
    ]
