# Pickers: what stands beside and below an option.

pick-nothing = Nothing found
pick-found = Found:
pick-open = open { $amount }
pick-due = due { $day }
kind-picker = picker
