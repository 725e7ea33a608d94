"""Payments that say when the payer was debited are found by an index of theirs (party_queries.py)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("settlements", "0031_order_status")]
    operations = [
        migrations.RunSQL("""create index version_debited on version (unit_id, id) where content like '%"debited":%'"""),
    ]
