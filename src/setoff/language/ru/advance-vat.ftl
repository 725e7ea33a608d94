# VAT on advances: page and command.

menu-advance-vat = НДС с авансов
vat-waiting = Ждут решения
vat-nothing-waits = Решений не ждёт ничего.
vat-by-advance = По авансам
vat-deduct = К вычету
vat-expense = В расходы
vat-units = Порядок в балансовых единицах
vat-try = Показать, что изменится
vat-keep = Применить
vat-would-move = { $unit }: { $count ->
    [0] ничего не изменится
    [one] изменится { $count } проводка
    [few] изменятся { $count } проводки
   *[other] изменится { $count } проводок
 }
vat-set = { $unit }: порядок установлен; изменено проводок: { $count }.
vat-tried = { $unit }: ничего не записано; изменилось бы проводок: { $count }.
vat-policy = { $unit }: НДС с авансов: { $window }; с даты: { $since }; при зачёте между договорами: { $set_off }.
vat-from-the-beginning = с начала учёта
