"""Contracts by their last day: ending.sql."""

from pathlib import Path

from django.db import migrations

ENDING = Path(__file__).parent.parent / "ending.sql"


class Migration(migrations.Migration):
    dependencies = [("parties", "0008_loans")]
    operations = [migrations.RunSQL(ENDING.read_text(encoding="utf-8"))]
