# setoff demo, setoff demo-data
demo-loading = Loading the demo group: { $documents } documents
demo-loaded = { $masters } master records and { $documents } documents in { $seconds } s
demo-exists = The database has documents already; nothing was loaded.
demo-nothing = There is no posted document yet.
demo-title = { $documents } documents of { $organizations } organizations, as of { $day }
demo-they-owe = They owe us: the { $shown } largest of { $all } debtors
demo-we-owe = We owe: the { $shown } largest of { $all } creditors
demo-ageing = Debts by age on { $day }, advances beside them
demo-trial-balance = Trial balance, totals of { $accounts } accounts
demo-checks-passed = All { $checks } checks passed: ledger and settlements agree to the cent.
demo-checks-failed = { $failed } of { $checks } checks found something. See: setoff check
demo-next = What to type next
demo-written = { $documents } documents in { $path }
demo-people = Sign in as one of { $names }; the password of each is { $password }
