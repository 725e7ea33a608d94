"""Statuses of orders and bills in closed periods: order_status.sql."""

from pathlib import Path

from django.db import migrations

STATUSES = Path(__file__).parent.parent / "order_status.sql"


class Migration(migrations.Migration):
    dependencies = [("settlements", "0030_act_internal")]
    operations = [migrations.RunSQL(STATUSES.read_text(encoding="utf-8"))]
