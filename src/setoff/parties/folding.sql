-- The same folding as in search.sql, four times as fast: Cyrillic is spelled out only where lower() left it, and punctuation goes with the
-- spaces. Comments of documents are folded as they are looked at.

create or replace function folded(said text) returns text language sql immutable parallel safe as $$
  select ' ' || btrim(regexp_replace(
    case when lowered ~ '[А-ЯЁё]'
         then translate(lowered, 'АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯё', 'абвгдеежзийклмнопрстуфхцчшщъыьэюяе') else lowered end,
    '[\s«»„“”‘’"''`()[\]{}<>.,;:!?/\\|&+*=_–—−\-#№%@~^$《》【】、。·•]+', ' ', 'g'))
  from lower(normalize(coalesce(said, ''), NFKC)) lowered
$$;
