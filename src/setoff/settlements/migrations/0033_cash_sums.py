"""Sums for the payment calendar: cash_sums.sql."""

from pathlib import Path

from django.db import migrations

from setoff.settlements.orders.money import money_accounts

SUMS = Path(__file__).parent.parent / "cash_sums.sql"


class Migration(migrations.Migration):
    dependencies = [("settlements", "0032_debited"), ("parties", "0010_address")]
    operations = [
        migrations.RunSQL(SUMS.read_text(encoding="utf-8").replace("MONEY_ACCOUNTS", ", ".join(map(str, money_accounts())))),
    ]
