# Подбор: что стоит рядом с вариантом и под ним.

pick-nothing = Ничего не найдено
pick-found = Найдено:
pick-open = остаток { $amount }
pick-due = срок { $day }
kind-picker = подбор
