"""Approvals of unposting and reordering: verbs.sql."""

from pathlib import Path

from django.db import migrations

VERBS = Path(__file__).parent.parent / "verbs.sql"


class Migration(migrations.Migration):
    dependencies = [("access", "0004_rules")]
    operations = [migrations.RunSQL(VERBS.read_text(encoding="utf-8"))]
