"""Debts of a unit are added up from an index: doubtful.sql."""

from pathlib import Path

from django.db import migrations

DOUBTFUL = Path(__file__).parent.parent / "doubtful.sql"


class Migration(migrations.Migration):
    dependencies = [("settlements", "0034_vat_waits")]
    operations = [migrations.RunSQL(DOUBTFUL.read_text(encoding="utf-8"))]
