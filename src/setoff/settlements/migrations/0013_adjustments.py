"""Debt adjustments and their reversals: adjustments.sql."""

from pathlib import Path

from django.db import migrations

ADJUSTMENTS = Path(__file__).parent.parent / "adjustments.sql"


class Migration(migrations.Migration):
    dependencies = [("settlements", "0012_corrections")]
    operations = [migrations.RunSQL(ADJUSTMENTS.read_text(encoding="utf-8"))]
