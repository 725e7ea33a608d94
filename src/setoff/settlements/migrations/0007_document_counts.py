"""Sums of documents by day and indexes for their list: document_counts.sql."""

from pathlib import Path

from django.db import migrations

COUNTS = Path(__file__).parent.parent / "document_counts.sql"


class Migration(migrations.Migration):
    dependencies = [("settlements", "0006_checked")]
    operations = [migrations.RunSQL(COUNTS.read_text(encoding="utf-8"))]
