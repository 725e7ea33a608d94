"""Revaluations: revaluation.sql."""

from pathlib import Path

from django.db import migrations

REVALUATION = Path(__file__).parent.parent / "revaluation.sql"


class Migration(migrations.Migration):
    dependencies = [("settlements", "0021_invoices")]
    operations = [migrations.RunSQL(REVALUATION.read_text(encoding="utf-8"))]
