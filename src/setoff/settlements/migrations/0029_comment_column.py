"""The words of comments beside their versions: comment_column.sql."""

from pathlib import Path

from django.db import migrations

WORDS = Path(__file__).parent.parent / "comment_column.sql"


class Migration(migrations.Migration):
    dependencies = [("settlements", "0028_reserves"), ("parties", "0007_folding")]
    operations = [migrations.RunSQL(WORDS.read_text(encoding="utf-8"))]
