"""Since when the oldest debt of a party is due, and money that waits beside debts: open_parties.sql."""

from pathlib import Path

from django.db import migrations

OPEN_PARTIES = Path(__file__).parent.parent / "open_parties.sql"


class Migration(migrations.Migration):
    dependencies = [("settlements", "0019_notices")]
    operations = [migrations.RunSQL(OPEN_PARTIES.read_text(encoding="utf-8"))]
