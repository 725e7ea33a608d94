"""The audit trail under seal: audit_chain.sql."""

from pathlib import Path

from django.db import migrations

AUDIT_CHAIN = Path(__file__).parent.parent / "audit_chain.sql"


class Migration(migrations.Migration):
    dependencies = [("settlements", "0004_bases")]
    operations = [migrations.RunSQL(AUDIT_CHAIN.read_text(encoding="utf-8"))]
