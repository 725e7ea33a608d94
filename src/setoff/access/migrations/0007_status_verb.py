"""Approvals of a status that is kept beside an order of a closed period."""

from django.db import migrations

VERBS = "'post', 'unpost', 'reorder', 'set_status'"


class Migration(migrations.Migration):
    dependencies = [("access", "0006_time_zone")]
    operations = [
        migrations.RunSQL(
            f"""
            alter table approval drop constraint approval_verb, drop constraint approval_document,
              add constraint approval_verb check (verb in ({VERBS}, 'reopen_period', 'reopen_sealed_period')),
              add constraint approval_document check (
                (document_id is null) = (version_id is null) and (verb in ({VERBS})) = (document_id is not null))"""
        )
    ]
