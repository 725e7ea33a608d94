"""What is open, summed up by due day and by party: open_sums.sql."""

from pathlib import Path

from django.db import migrations

SUMS = Path(__file__).parent.parent / "open_sums.sql"


class Migration(migrations.Migration):
    dependencies = [("settlements", "0010_document_amounts")]
    operations = [migrations.RunSQL(SUMS.read_text(encoding="utf-8"))]
