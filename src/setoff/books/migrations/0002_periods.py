"""Periods and seals: periods.sql."""

from pathlib import Path

from django.db import migrations

PERIODS = Path(__file__).parent.parent / "periods.sql"


class Migration(migrations.Migration):
    dependencies = [("books", "0001_initial")]
    operations = [migrations.RunSQL(PERIODS.read_text(encoding="utf-8"))]
