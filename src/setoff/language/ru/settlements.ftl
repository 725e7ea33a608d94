# Действия с документами и что они изменили.

document-changed = { $number } ({ $key }): готово.
document-tried = { $number } ({ $key }): проверено; ничего не записано.
document-unchanged = { $number } ({ $key }): изменений нет.
fill-several = Подходит несколько договоров, ни один не выбран: { $contracts }.
refold-done = { $rows ->
    [0] Пересчитано: все хранимые строки верны.
    [one] Пересчитано: отличалась { $rows } строка, она записана заново.
    [few] Пересчитано: отличались { $rows } строки, они записаны заново.
   *[other] Пересчитано: отличалось { $rows } строк, они записаны заново.
}
change-document = Документ
change-date = Дата
change-contour = Учёт
change-both = оба
change-what = Что
change-before = Было
change-after = Стало
change-posting-entry = Дт { $debit } Кт { $credit }
change-posting-storno = Дт { $debit } Кт { $credit }, сторно
change-posting-offset = Дт { $debit } Кт { $credit }, зачёт аванса
change-posting-fx = Дт { $debit } Кт { $credit }, курсовая разница
change-posting-vat = Дт { $debit } Кт { $credit }, НДС с авансов
change-posting-revaluation = Дт { $debit } Кт { $credit }, переоценка
change-allocation = погашает: { $kind } { $number } от { $date }
change-lot = { $side ->
    [they] открыто: нам должны
   *[we] открыто: мы должны
}
