"""What a database is made of, as sorted lines: to compare one that was upgraded with one that was made anew."""

from __future__ import annotations

from typing import Any

import psycopg

CATALOG = {
    "relations": """
        select format('%s %s security %s forced %s rights %s', c.relkind, c.relname, c.relrowsecurity, c.relforcerowsecurity,
                      array(select a::text from unnest(c.relacl) a order by 1))
        from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v', 'm', 'S', 'p')
          and not (c.relkind = 'S' and starts_with(c.relname, 'number_')) -- made with the first document of its kind and year""",
    "columns": """
        select format('%s.%s %s not null %s default %s identity %s generated %s collation %s', c.relname, a.attname,
                      format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attidentity,
                      a.attgenerated, a.attcollation::regcollation)
        from pg_attribute a join pg_class c on c.oid = a.attrelid left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v', 'm', 'p') and a.attnum > 0 and not a.attisdropped""",
    "constraints": """
        select format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) from pg_constraint
        where connamespace = 'public'::regnamespace""",
    "indexes": "select indexdef from pg_indexes where schemaname = 'public'",
    "functions": "select pg_get_functiondef(oid) from pg_proc where pronamespace = 'public'::regnamespace and prokind in ('f', 'p')",
    "triggers": """
        select format('%s %s', tgenabled, pg_get_triggerdef(t.oid)) from pg_trigger t join pg_class c on c.oid = t.tgrelid
        where c.relnamespace = 'public'::regnamespace and not t.tgisinternal""",
    "policies": "select p::text from pg_policies p where schemaname = 'public'",
    "views": "select format('%s %s', viewname, definition) from pg_views where schemaname = 'public'",
    "migrations": "select app || '/' || name from django_migrations",
    "accounts": "select (to_jsonb(a)::text) from account a",
    "charts": "select (to_jsonb(c)::text) from chart c",
}


def catalog(conn: psycopg.Connection[Any]) -> dict[str, list[str]]:
    return {name: sorted(line for (line,) in conn.execute(query).fetchall()) for name, query in CATALOG.items()}
