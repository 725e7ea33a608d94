-- What was open on a past day is read from the index alone: ageing and statements over the whole base read no row of `lot`.

drop index lot_by_close;
create index lot_by_close on lot (unit_id, closed_moment, moment)
  include (key_id, document_id, line, rank, due, amount, book, used_moment);
