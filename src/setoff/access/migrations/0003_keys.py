"""Keys of documents that one may not read: keys.sql."""

from pathlib import Path

from django.db import migrations

KEYS = Path(__file__).parent.parent / "keys.sql"


class Migration(migrations.Migration):
    dependencies = [("access", "0002_protection"), ("settlements", "0005_audit_chain")]
    operations = [migrations.RunSQL(KEYS.read_text(encoding="utf-8"))]
