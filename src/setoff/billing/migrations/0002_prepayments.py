"""Bills for prepayment: prepayments.sql."""

from pathlib import Path

from django.db import migrations

PREPAYMENTS = Path(__file__).parent.parent / "prepayments.sql"


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_billing")]
    operations = [migrations.RunSQL(PREPAYMENTS.read_text(encoding="utf-8"))]
