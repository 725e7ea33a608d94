# Scenarios: stories that say what the books must say after them
scenario-holds = ok    { $file }: { $title }
scenario-differs = DIFFERS { $file }: { $title }
scenario-step = step { $step }, { $verb } "{ $subject }":
scenario-end = at the end:
scenario-total = Stories that hold: { $passed }, that differ: { $failed }

scenario-missing = { $place }: expected and not there: { $expected }
scenario-unexpected = { $place }: there and not expected: { $found }
scenario-differs-in = { $place }: expected { $expected }, found { $found }
scenario-not_refused = was to be refused with { $expected }, and was accepted
scenario-refused = was refused: { $found }
scenario-refused_otherwise = was to be refused with { $expected }, and was refused with { $found }
scenario-unreadable = { $place }: this line cannot be read: { $expected }
scenario-check = control check { $place } fails: expected { $expected }, found { $found }

scenario-section-accounts = accounts
scenario-section-balances = balances
scenario-section-lots = open items
scenario-section-allocations = allocations
scenario-section-postings = postings
scenario-section-states = states
scenario-section-changes = changes
scenario-section-refused = refusal
scenario-section-notices = notices
scenario-section-rounds = rounds
