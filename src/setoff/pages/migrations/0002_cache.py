"""The cache that all workers share: counters of refused sign-ins, for example. The table is what Django's database cache expects."""

from django.db import migrations

CACHE = """
create table site_cache (cache_key varchar(255) primary key, value text not null, expires timestamptz not null);
create index site_cache_expires on site_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("pages", "0001_initial")]
    operations = [migrations.RunSQL(CACHE)]
