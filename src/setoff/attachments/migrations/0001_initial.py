"""Files attached to documents: attachments.sql."""

from pathlib import Path

from django.db import migrations

ATTACHMENTS = Path(__file__).parent.parent / "attachments.sql"


class Migration(migrations.Migration):
    initial = True
    dependencies = [("settlements", "0007_document_counts")]
    operations = [migrations.RunSQL(ATTACHMENTS.read_text(encoding="utf-8"))]
