# Pickers: what stands beside and below an option.

pick-nothing = Nothing found
pick-found = Found:
pick-group = group, { $count ->
    [one] { $count } partner
   *[other] { $count } partners
  }
pick-open = open { $amount }
pick-due = due { $day }
kind-picker = picker
