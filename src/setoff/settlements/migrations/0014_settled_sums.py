"""Sums for statements and ageing over everybody: settled_sums.sql."""

from pathlib import Path

from django.db import migrations

SUMS = Path(__file__).parent.parent / "settled_sums.sql"


class Migration(migrations.Migration):
    dependencies = [("settlements", "0013_adjustments")]
    operations = [migrations.RunSQL(SUMS.read_text(encoding="utf-8"))]
