# Banks: statements, their lines, payments out.
statement_unknown_format = { $file } is no bank statement that Setoff knows.
    .mend = Take CAMT.052, .053 or .054 (XML), MT940, or 1CClientBankExchange from the bank.
statement_unreadable = The statement { $file } cannot be read at { $place }: { $reason }.
    .mend = Fetch the file from the bank again; do not edit it.
statement_field_missing = The statement { $file } lacks { $field } at { $place }.
    .mend = Fetch the file from the bank again, for the whole period.
statement_value_invalid = The statement { $file } has at { $place } in { $field } what cannot be: "{ $value }".
    .mend = Fetch the file from the bank again; do not edit it.

finding-balance-missing = The statement of account { $account } does not state both balances: it was not checked.
finding-balance-differs = Opening { $opening } and lines { $lines } do not make closing { $closing }: the difference is { $difference }.
finding-balance-jumps = The balance before is { $before }, the section at line { $line } begins with { $after }.
finding-balance-currency = A balance is in another currency than the account ({ $currency }): { $balance }.
finding-batch-differs = The parts of entry { $number } sum to { $parts }, the entry is { $total }: it was not divided.
