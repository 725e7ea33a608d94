# Сценарии: истории, после которых учёт должен показать сказанное
scenario-holds = верно    { $file }: { $title }
scenario-differs = РАСХОДИТСЯ { $file }: { $title }
scenario-step = шаг { $step }, { $verb } «{ $subject }»:
scenario-end = в конце:
scenario-total = Сценариев сошлось: { $passed }, разошлось: { $failed }

scenario-missing = { $place }: ожидалось и отсутствует: { $expected }
scenario-unexpected = { $place }: есть, но не ожидалось: { $found }
scenario-differs-in = { $place }: ожидалось { $expected }, получено { $found }
scenario-not_refused = ожидался отказ { $expected }, но действие выполнено
scenario-refused = получен отказ: { $found }
scenario-refused_otherwise = ожидался отказ { $expected }, получен { $found }
scenario-unreadable = { $place }: строка не читается: { $expected }
scenario-check = контрольная проверка { $place } не пройдена: ожидалось { $expected }, получено { $found }

scenario-section-accounts = остатки по счетам
scenario-section-balances = сальдо расчётов
scenario-section-lots = открытые документы расчётов
scenario-section-allocations = зачёты
scenario-section-postings = проводки
scenario-section-states = состояния документов
scenario-section-changes = изменения
scenario-section-refused = отказ
scenario-section-notices = извещения
scenario-section-rounds = раунды зачёта
