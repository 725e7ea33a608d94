# Счета-фактуры: документы, реестр, книги, выписка.

field-invoice-kind = Вид счёта-фактуры
field-original = Исходный счёт-фактура
field-operation-code = Код вида операции
field-invoice-difference = Причина расхождения с документом
field-received = Дата получения
field-deduct = НДС принимается к вычету
grid-bases = Документы-основания
grid-sums = Суммы по ставкам НДС (пусто — как в документах)
choice-invoice-kind-shipment = на реализацию (поступление)
choice-invoice-kind-advance = на аванс
choice-invoice-kind-correction = корректировочный
choice-invoice-kind-corrected = исправленный
entry-group-invoices = Счета-фактуры
said-invoice-kind = Вид счёта-фактуры
said-invoice-kind-shipment = на реализацию (поступление)
said-invoice-kind-advance = на аванс
said-invoice-kind-correction = корректировочный
said-invoice-kind-corrected = исправленный
said-bases = Документы-основания
said-bases-one = Документ { $number }
said-sums = Суммы по ставкам НДС
said-sums-one = Ставка { $number }
said-original = Исходный счёт-фактура
said-operation-code = Код вида операции
said-received = Дата получения
said-deduct = НДС принимается к вычету
