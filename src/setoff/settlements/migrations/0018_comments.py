"""Documents are found by the words of their comments: comments.sql."""

from pathlib import Path

from django.db import migrations

COMMENTS = Path(__file__).parent.parent / "comments.sql"


class Migration(migrations.Migration):
    dependencies = [("settlements", "0017_advance_vat"), ("parties", "0002_search")]
    operations = [migrations.RunSQL(COMMENTS.read_text(encoding="utf-8"))]
