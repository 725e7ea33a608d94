"""Old messages are found by their age: setoff webhooks prune."""

from django.db import migrations

BY_AGE = "create index webhook_event_by_age on webhook_event (recorded_at)"


class Migration(migrations.Migration):
    dependencies = [("api", "0003_trial_owner")]
    operations = [migrations.RunSQL(BY_AGE)]
