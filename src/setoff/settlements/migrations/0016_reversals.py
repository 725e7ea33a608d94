"""Advance offsets are reversed too: reversals.sql."""

from pathlib import Path

from django.db import migrations

REVERSALS = Path(__file__).parent.parent / "reversals.sql"


class Migration(migrations.Migration):
    dependencies = [("settlements", "0015_refolds")]
    operations = [migrations.RunSQL(REVERSALS.read_text(encoding="utf-8"))]
