-- Finding a party or a contract by what people type: any words of its code, name and tax number, in any order and in either case.
-- `folded` is the text without what a person need not type: case, width, the dots of ё, punctuation. It begins with a space, so that
-- the start of a word is always " word". Cyrillic is spelled out, since lower() knows it only in some collations. Indexes hold no more than
-- the beginning of a long name: an index row has a limit.

create function folded(said text) returns text language sql immutable parallel safe as $$
  select ' ' || btrim(regexp_replace(translate(lower(normalize(coalesce(said, ''), NFKC)),
    'АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯё«»„“”‘’"''`()[]{}<>.,;:!?/\|&+*=_–—−-#№%@~^$()《》【】、。，；：“”·•',
    'абвгдеежзийклмнопрстуфхцчшщъыьэюяе' || repeat(' ', 80)), '\s+', ' ', 'g'))
$$;

alter table counterparty
  add column search text generated always as (folded(name || ' ' || code || ' ' || tax_id)) stored;
create index counterparty_search on counterparty (left(search, 60) text_pattern_ops);
create index counterparty_words on counterparty using gin (array_to_tsvector(string_to_array(btrim(left(search, 300)), ' ')));
create index counterparty_tax_id on counterparty (tax_id) where tax_id <> '';

alter table partner
  add column search text generated always as (folded(name || ' ' || code || ' ' || group_name)) stored;
create index partner_search on partner (left(search, 60) text_pattern_ops);
create index partner_words on partner using gin (array_to_tsvector(string_to_array(btrim(left(search, 300)), ' ')));

alter table contract
  add column search text generated always as (folded(number || ' ' || code)) stored;
create index contract_search on contract (left(search, 60) text_pattern_ops);
create index contract_words on contract using gin (array_to_tsvector(string_to_array(btrim(left(search, 300)), ' ')));

alter table agreement
  add column search text generated always as (folded(name || ' ' || code)) stored;
create index agreement_search on agreement (left(search, 60) text_pattern_ops);
create index agreement_words on agreement using gin (array_to_tsvector(string_to_array(btrim(left(search, 300)), ' ')));
