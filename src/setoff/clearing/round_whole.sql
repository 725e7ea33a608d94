-- The round that a document belongs to as it stands: posted by it while it is final, or its reversal once it is reversed; null: none. For who may
-- not see the round too.
create index round_document_of on round_document (unit_id, document_id);
create function round_of_document(of_unit bigint, of_document bigint) returns text
  language sql stable security definer set search_path = public, pg_temp as $$
  select r.code from round_document d join clearing_round r on r.id = d.round_id
  where d.unit_id = of_unit and d.document_id = of_document and r.status = case when d.is_reversal then 'reversed' else 'final' end
    and not lacks_right('setoff.units', of_unit)
$$;
