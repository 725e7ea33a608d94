"""What waits for a decision on VAT is found by an index of its documents: vat_waiting.sql."""

from pathlib import Path

from django.db import migrations

WAITING = Path(__file__).parent.parent / "vat_waiting.sql"


class Migration(migrations.Migration):
    dependencies = [("settlements", "0023_orders")]
    operations = [migrations.RunSQL(WAITING.read_text(encoding="utf-8"))]
