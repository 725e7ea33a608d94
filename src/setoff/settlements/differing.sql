-- Of what differs there is little, and reports of it read nothing else: facts of one contour (difference of contours), and uses of lots at
-- another value than the lot's (exchange differences).

create index fact_of_one_contour on fact (unit_id, moment) where reg_key_id is null or mgmt_key_id is null;
create index allocation_with_difference on allocation (unit_id, moment)
  include (key_id, lot_document_id, lot_line, own_book, lot_book, rule) where own_book <> lot_book;
