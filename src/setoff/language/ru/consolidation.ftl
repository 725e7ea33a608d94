# Сводный баланс головной организации и филиалов
report-consolidation = Сводный баланс головной организации и филиалов
column-of-unit = { $unit }
column-sum-of-units = Сумма по единицам
column-eliminated = Исключено
column-consolidated = Сводно
note-consolidated-opening = Остатки на начало: дебет с плюсом, кредит с минусом
note-consolidated-debit = Обороты по дебету
note-consolidated-credit = Обороты по кредиту
note-consolidated-closing = Остатки на конец: дебет с плюсом, кредит с минусом
note-between-units-not-zero = Счёт { $account } внутриведомственных расчётов по всем единицам не равен нулю. Его расхождение дают документы под строкой счёта: у каждого нет второй стороны или стороны различаются. Оформите недостающее Извещение или снимите одностороннюю запись с учёта.
note-unit-settings-differ = Единицы по-разному учитывают НДС с авансов ({ $units }): сводный баланс требует единой учётной политики.
note-units-left-out = Не вошли в сводный баланс: { $units }. Их стороны внутриведомственных расчётов здесь нет.
total-debit-balances = Дебетовые остатки, { $currency }
total-credit-balances = Кредитовые остатки, { $currency }

# Closing of a year between units
closing-told = { $sender } с { $receiver }: закрываются требования { $claims } и обязательства { $obligations }, остаётся { $left }
closing-sent = ждёт подтверждения: { $notice }
closing-nothing = Между единицами ничего не открыто.
menu-consolidation = Сводный баланс
year-end-title = Закрытие года по внутриведомственным расчётам
year-end-what = То, что осталось по завершённым операциям на счёте расчётов между единицами, относится на финансовый результат прошлых отчётных периодов в обеих единицах.
year-end-year = Год
year-end-account = Счёт (пусто — по плану счетов)
year-end-claims = Закрываются требования
year-end-obligations = Закрываются обязательства
year-end-left = Ещё предстоит оплатить, остаётся
year-end-entries = Записи отправителя
year-end-again = Пересчитать
year-end-draft = Составить Извещения
year-end-note = Каждое Извещение датируется 31 декабря. Оно направляется, подтверждается другой единицей и отменяется как любое Извещение; составленное повторно, содержит то, что открыто на тот момент.
year-end-drafted = Составлены: { $notices } ({ $count })
