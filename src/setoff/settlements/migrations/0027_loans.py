"""Costs of loans received are owed by us: loans.sql."""

from pathlib import Path

from django.db import migrations

LOANS = Path(__file__).parent.parent / "loans.sql"


class Migration(migrations.Migration):
    dependencies = [("settlements", "0026_open_days")]
    operations = [migrations.RunSQL(LOANS.read_text(encoding="utf-8"))]
