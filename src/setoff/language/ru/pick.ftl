# Подбор: что стоит рядом с вариантом и под ним.

pick-nothing = Ничего не найдено
pick-found = Найдено:
pick-group = группа, партнёров: { $count }
pick-open = остаток { $amount }
pick-due = срок { $day }
kind-picker = подбор
