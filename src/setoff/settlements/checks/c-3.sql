-- code: C-3
-- state: error
-- spec: 3, C-3; 1.11, I5
-- find: row
-- The two sums of a lot do not part: in book currency they are equal, in another currency nothing left is worth nothing.
select lot.unit_id, key_name(lot.unit_id, lot.key_id) as key, reading.expected, reading.actual, reading.actual - reading.expected as difference,
       organization.book_currency as currency, lot.document_id, lot.moment
from lot
join fold_key on fold_key.unit_id = lot.unit_id and fold_key.id = lot.key_id
join unit on unit.id = lot.unit_id join organization on organization.id = unit.organization_id
cross join lateral (values
  (case when fold_key.currency = organization.book_currency then lot.amount else lot.book end, lot.book),
  (case when fold_key.currency = organization.book_currency or lot.residual = 0 then lot.residual else lot.residual_book end,
   lot.residual_book)) reading(expected, actual)
where reading.expected <> reading.actual
  and lot.moment < %(until)s and (%(unit_id)s::bigint is null or lot.unit_id = %(unit_id)s)
