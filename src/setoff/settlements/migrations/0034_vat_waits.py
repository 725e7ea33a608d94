"""What waits of the VAT on advances is kept: vat_waits.sql."""

from pathlib import Path
from typing import Any

from django.db import migrations

WAITS = Path(__file__).parent.parent / "vat_waits.sql"


def fill(_apps: Any, schema_editor: Any) -> None:
    """Books that keep VAT on advances already."""
    from setoff.settlements.advance_vat.rows import fill_waits

    schema_editor.connection.ensure_connection()
    fill_waits(schema_editor.connection.connection)


class Migration(migrations.Migration):
    dependencies = [("settlements", "0033_cash_sums"), ("books", "0004_vat_on_advances"), ("parties", "0010_address")]
    operations = [migrations.RunSQL(WAITS.read_text(encoding="utf-8")), migrations.RunPython(fill, migrations.RunPython.noop)]
