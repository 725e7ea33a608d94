"""Corrections are found by their base: bases.sql."""

from pathlib import Path

from django.db import migrations

BASES = Path(__file__).parent.parent / "bases.sql"


class Migration(migrations.Migration):
    dependencies = [("settlements", "0003_names")]
    operations = [migrations.RunSQL(BASES.read_text(encoding="utf-8"))]
