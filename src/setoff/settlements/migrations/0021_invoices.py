"""Tax invoices: invoices.sql."""

from pathlib import Path

from django.db import migrations

INVOICES = Path(__file__).parent.parent / "invoices.sql"


class Migration(migrations.Migration):
    dependencies = [("settlements", "0020_open_parties")]
    operations = [migrations.RunSQL(INVOICES.read_text(encoding="utf-8"))]
