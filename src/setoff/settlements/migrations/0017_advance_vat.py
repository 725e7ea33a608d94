"""VAT on advances: advance_vat.sql."""

from pathlib import Path

from django.db import migrations

ADVANCE_VAT = Path(__file__).parent.parent / "advance_vat.sql"


class Migration(migrations.Migration):
    dependencies = [
        ("settlements", "0016_reversals"),
        ("books", "0004_vat_on_advances"),
        ("parties", "0004_advance_vat"),
    ]
    operations = [migrations.RunSQL(ADVANCE_VAT.read_text(encoding="utf-8"))]
