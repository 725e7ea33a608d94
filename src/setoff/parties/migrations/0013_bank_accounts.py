"""Bank accounts that contracts name are found from an index, account by account, without reading the contracts."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("parties", "0012_words")]
    operations = [migrations.RunSQL("create index contract_bank_account on contract (bank_account) where bank_account <> ''")]
