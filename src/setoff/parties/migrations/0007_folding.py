"""Folding of what is searched, faster: folding.sql."""

from pathlib import Path

from django.db import migrations

FOLDING = Path(__file__).parent.parent / "folding.sql"


class Migration(migrations.Migration):
    dependencies = [("parties", "0006_services")]
    operations = [migrations.RunSQL(FOLDING.read_text(encoding="utf-8"))]
