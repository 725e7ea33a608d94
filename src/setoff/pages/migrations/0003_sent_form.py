"""Forms that were sent, with the document that came of each: the same form sent twice makes one document (forms/posting.py)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("pages", "0002_cache")]
    operations = [
        migrations.RunSQL("""
          create table sent_form (
            user_id bigint not null references access_user(id),
            form uuid not null,
            document_id bigint,                              -- null until the verb is done, in the same transaction
            sent_at timestamptz not null default clock_timestamp(),
            primary key (user_id, form)
          )""")
    ]
