"""Receipts of notices, and the index of the journal of adjustments: notices.sql."""

from pathlib import Path

from django.db import migrations

NOTICES = Path(__file__).parent.parent / "notices.sql"


class Migration(migrations.Migration):
    dependencies = [("settlements", "0018_comments")]
    operations = [migrations.RunSQL(NOTICES.read_text(encoding="utf-8"))]
