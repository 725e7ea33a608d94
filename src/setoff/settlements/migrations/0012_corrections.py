"""Corrections of a document by index, for everybody: corrections.sql."""

from pathlib import Path

from django.db import migrations

CORRECTIONS = Path(__file__).parent.parent / "corrections.sql"


class Migration(migrations.Migration):
    dependencies = [("settlements", "0011_open_sums")]
    operations = [migrations.RunSQL(CORRECTIONS.read_text(encoding="utf-8"))]
