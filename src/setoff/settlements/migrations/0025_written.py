"""In which transaction a version was written: written.sql."""

from pathlib import Path

from django.db import migrations

WRITTEN = Path(__file__).parent.parent / "written.sql"


class Migration(migrations.Migration):
    dependencies = [("settlements", "0024_vat_waiting")]
    operations = [migrations.RunSQL(WRITTEN.read_text(encoding="utf-8"))]
