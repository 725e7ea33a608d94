"""Tokens, policies, approvals: rules.sql."""

from pathlib import Path

from django.db import migrations

RULES = Path(__file__).parent.parent / "rules.sql"


class Migration(migrations.Migration):
    dependencies = [("access", "0003_keys"), ("settlements", "0005_audit_chain")]
    operations = [migrations.RunSQL(RULES.read_text(encoding="utf-8"))]
