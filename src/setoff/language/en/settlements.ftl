# Verbs on documents and what they changed.

document-changed = { $number } ({ $key }): done.
document-tried = { $number } ({ $key }): tried; nothing is kept.
document-unchanged = { $number } ({ $key }): nothing to change.
fill-several = Several contracts fit, none was chosen: { $contracts }.
refold-done = { $rows ->
    [0] Refolded: every stored row was right.
    [one] Refolded: { $rows } row was different and is written again.
   *[other] Refolded: { $rows } rows were different and are written again.
}
change-document = Document
change-date = Date
change-contour = Contour
change-both = both
change-what = What
change-before = Before
change-after = After
change-posting-entry = Dr { $debit } Cr { $credit }
change-posting-storno = Dr { $debit } Cr { $credit }, red
change-posting-offset = Dr { $debit } Cr { $credit }, advance offset
change-posting-fx = Dr { $debit } Cr { $credit }, exchange difference
change-posting-vat = Dr { $debit } Cr { $credit }, VAT on advances
change-posting-revaluation = Dr { $debit } Cr { $credit }, revaluation
change-allocation = settles { $kind } { $number } of { $date }
change-lot = { $side ->
    [they] open: they owe us
   *[we] open: we owe them
}
