"""What was open on a past day, from an index alone: open_then.sql."""

from pathlib import Path

from django.db import migrations

OPEN_THEN = Path(__file__).parent.parent / "open_then.sql"


class Migration(migrations.Migration):
    dependencies = [("settlements", "0007_document_counts")]
    operations = [migrations.RunSQL(OPEN_THEN.read_text(encoding="utf-8"))]
