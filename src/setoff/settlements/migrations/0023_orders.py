"""Orders and bills: orders.sql."""

from pathlib import Path

from django.db import migrations

ORDERS = Path(__file__).parent.parent / "orders.sql"


class Migration(migrations.Migration):
    dependencies = [("settlements", "0022_revaluation")]
    operations = [migrations.RunSQL(ORDERS.read_text(encoding="utf-8"))]
