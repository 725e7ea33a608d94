# Files in, files out
rows_differ = The rows of one document disagree: { $field } is "{ $value }" here, and "{ $expected }" in row { $first_row }.
    .mend = Make the rows agree, or group them by a column that tells the documents apart.

skipped-no-record = no record of the mapping applies
skipped-rounds-to-zero = the amount rounds to zero
skipped-join-unused = no row refers to it
import-expected = expected: { $expected }
import-row-of = { $file }, row { $row }
import-skipped = left out: { $count } rows of { $file }, first { $rows }: { $reason }
import-masters = Master records: { $created } created, { $changed } changed, { $unchanged } unchanged
import-documents = Documents: { $created } created, { $changed } changed, { $unchanged } unchanged
import-refused = Refused: { $count } rows
import-nothing-written = Nothing was written: correct the rows, or import the others with --good-rows.
import-would = A dry run: nothing was written.
import-tally = { $kind }: { $documents } documents, sum in the file { $exact }, imported { $imported }
import-rounding = rounded to money in { $count } documents, difference { $difference }
import-tax = of it tax: in the file { $exact }, imported { $imported }
import-reading = Reading
import-rate = { $rate } rows/s
export-done = { $masters } master records and { $documents } documents written to { $file }
guess-title = Proposed by setoff import --guess from the columns of { $file }. Check every line.
guess-unused = columns not used: { $columns }
guess-ambiguous-date = the dates read as well as { $other }: check
guess-fill = to fill in
guess-no-date = No column looks like a date: fill in the date.
guess-no-amount = No column looks like an amount: fill in the amount.
