-- Tax invoices: the register, and the books of sales and purchases that it feeds (spec 2.1, 6.9). Rows are written with the version that is
-- posted and keep what it stated; a document that was taken out of the books stays in the register as annulled, and in no book.

create table invoice (
  unit_id bigint not null references unit(id),
  document_id bigint not null,
  version_id bigint not null,
  direction text not null check (direction in ('issued', 'received')),
  kind text not null check (kind in ('shipment', 'advance', 'correction', 'corrected')),
  family text not null check (family in ('shipment', 'advance', 'correction')),   -- what it is for; of a corrected one its original's
  status text not null check (status in ('posted', 'replaced', 'annulled')),
  number text not null,                                    -- its own; of a received one the supplier's
  date date not null,                                      -- the same
  entered date not null,                                   -- of the document
  received date,
  counterparty_id bigint not null references counterparty(id),
  code text not null,
  is_down boolean not null,
  is_deducted boolean not null,
  gross bigint not null,                                   -- book currency
  vat bigint not null,
  base_day date not null,
  original_id bigint,
  difference text not null,
  primary key (unit_id, document_id),
  foreign key (unit_id, document_id) references document (unit_id, id)
);
create index invoice_by_day on invoice (unit_id, direction, entered, document_id);
create index invoice_by_party on invoice (counterparty_id, direction, entered);
create index invoice_by_number on invoice (unit_id, counterparty_id, number) where direction = 'received' and status = 'posted';
create index invoice_by_original on invoice (unit_id, original_id) where original_id is not null;

create table invoice_sum (
  unit_id bigint not null,
  document_id bigint not null,
  line smallint not null,
  vat_rate text not null,
  gross bigint not null,
  vat bigint not null,
  primary key (unit_id, document_id, line),
  foreign key (unit_id, document_id) references invoice (unit_id, document_id) on delete cascade
);

create table invoice_base (
  unit_id bigint not null,
  document_id bigint not null,
  base_id bigint not null,
  line smallint not null,
  version_id bigint not null,                              -- of the base, as the invoice saw it
  is_valid boolean not null,
  primary key (unit_id, document_id, line),
  foreign key (unit_id, document_id) references invoice (unit_id, document_id) on delete cascade
);
create unique index invoice_base_valid on invoice_base (base_id) where is_valid;

-- A line of the book of sales or of purchases: an invoice, or (sign -1) one that a corrected invoice takes out. `day`: whose quarter's book
-- it is in; `sheet`: the day of the additional sheet, when that quarter was over; `booked`: the day of its VAT in the ledger.
create table invoice_line (
  unit_id bigint not null,
  document_id bigint not null,
  line smallint not null,
  book text not null check (book in ('sales', 'purchases')),
  day date not null,
  sheet date,
  booked date not null,
  source_id bigint not null,                               -- the invoice whose sums these are
  sign smallint not null check (sign in (1, -1)),
  gross bigint not null,
  vat bigint not null,
  primary key (unit_id, document_id, line),
  foreign key (unit_id, document_id) references invoice (unit_id, document_id) on delete cascade
);
create index invoice_line_by_day on invoice_line (unit_id, book, day, document_id, line) include (gross, vat, sheet);

create index posting_of_vat on posting (unit_id, moment) where kind = 'vat';

-- A number without what people write around it: blanks, dashes, zeros at its beginning, the case of letters.
create function invoice_number_core(number text) returns text language sql immutable parallel safe
  return ltrim(lower(regexp_replace(number, '[^[:alnum:]]', '', 'g')), '0');

-- Numbers of issued invoices have no gaps: the counter is a row that whoever takes a number holds to the end of his transaction.
create table invoice_number (
  unit_id bigint not null references unit(id),
  year smallint not null,
  last bigint not null,
  primary key (unit_id, year)
);

create function next_invoice_numbers(unit bigint, in_year bigint, wanted bigint) returns setof text language plpgsql as $$
declare
  found bigint := 0;
  place bigint;
  free text;
begin
  insert into invoice_number values (unit, in_year, 0) on conflict do nothing;
  select last into place from invoice_number where unit_id = unit and year = in_year for update;
  while found < wanted loop
    place := place + 1;
    free := lpad(place::text, 6, '0');
    if not exists (select from document where unit_id = unit and kind = 'issued_invoice' and year = in_year and number = free) then
      found := found + 1;
      return next free;
    end if;
  end loop;
  update invoice_number set last = place where unit_id = unit and year = in_year;
end $$;

-- As in schema.sql, but for the numbers of issued invoices.
create or replace function next_numbers(unit bigint, document_kind text, document_year bigint, wanted bigint) returns setof text
  language plpgsql security definer set search_path = public, pg_temp as $$
declare
  name text := format('number_%s_%s_%s', unit, document_kind, document_year);
  found bigint := 0;
  free text;
begin
  if document_kind = 'issued_invoice' then
    return query select next_invoice_numbers(unit, document_year, wanted);
    return;
  end if;
  if to_regclass(name) is null then
    perform pg_advisory_xact_lock(hashtextextended(name, 0));
    execute format('create sequence if not exists %I', name);
  end if;
  while found < wanted loop
    free := lpad(nextval(name::regclass)::text, 6, '0');
    if exists (select from document where unit_id = unit and kind = document_kind and year = document_year and number = free) then
      perform setval(name::regclass, (
        select max(substring(number from '[0-9]{1,15}$')::bigint) from document
        where unit_id = unit and kind = document_kind and year = document_year
          and length(number) < 16 and substring(number from '[0-9]{1,15}$')::bigint >= free::bigint));
    else
      found := found + 1;
      return next free;
    end if;
  end loop;
end $$;

-- Decisions on the VAT of an advance are also the invoices received on it.
drop index version_by_vat_decided;

create or replace function vat_decided_by(content text) returns text language sql immutable parallel safe
  return case
    when content like '{"type":"advance\_vat"%' then content::jsonb ->> 'document'
    when content like '{"type":"received\_invoice"%' and content::jsonb ->> 'invoice_kind' = 'advance'
      then content::jsonb -> 'bases' -> 0 ->> 'document'
  end;

create index version_by_vat_decided on version (vat_decided_by(content)) where vat_decided_by(content) is not null;
