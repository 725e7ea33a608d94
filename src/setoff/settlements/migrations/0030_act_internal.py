"""Whether an act that is kept shows what moves inside the counterparty."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("settlements", "0029_comment_column")]
    operations = [
        migrations.RunSQL("alter table reconciliation_act add column show_internal boolean not null default false"),
    ]
