"""Acts of reconciliation: acts.sql."""

from pathlib import Path

from django.db import migrations

ACTS = Path(__file__).parent.parent / "acts.sql"


class Migration(migrations.Migration):
    dependencies = [("settlements", "0008_open_then"), ("parties", "0001_initial")]
    operations = [migrations.RunSQL(ACTS.read_text(encoding="utf-8"))]
