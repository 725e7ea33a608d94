"""Files attached to contracts: contract_files.sql."""

from pathlib import Path

from django.db import migrations

FILES = Path(__file__).parent.parent / "contract_files.sql"


class Migration(migrations.Migration):
    dependencies = [("attachments", "0001_initial"), ("parties", "0005_terms")]
    operations = [migrations.RunSQL(FILES.read_text(encoding="utf-8"))]
