"""Money in foreign currency is added up from an index of the sums of payments by day (settlements/orders/money.py)."""

from django.db import migrations

from setoff.settlements.orders.money import PAYMENT_KINDS

KINDS = ", ".join(f"'{kind}'" for kind in PAYMENT_KINDS)


class Migration(migrations.Migration):
    dependencies = [("settlements", "0036_commission")]
    operations = [
        migrations.RunSQL(
            "create index document_count_paid on document_count (unit_id, currency, date) include (kind, total)"
            f" where state = 'posted' and kind in ({KINDS})"
        ),
    ]
