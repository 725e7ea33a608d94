"""Indexes for documents by amount and for drafts: document_amounts.sql."""

from pathlib import Path

from django.db import migrations

AMOUNTS = Path(__file__).parent.parent / "document_amounts.sql"


class Migration(migrations.Migration):
    dependencies = [("settlements", "0009_acts")]
    operations = [migrations.RunSQL(AMOUNTS.read_text(encoding="utf-8"))]
