# Сценарии: истории, после которых учёт должен показать сказанное
scenario-holds = верно    { $file }: { $title }
scenario-differs = РАСХОДИТСЯ { $file }: { $title }
scenario-step = шаг { $step }, { $verb } «{ $subject }»:
scenario-end = в конце:
scenario-total = Сценариев сошлось: { $passed }, разошлось: { $failed }

scenario-missing = { $section } { $subject }: ожидалось и отсутствует: { $expected }
scenario-unexpected = { $section } { $subject }: есть, но не ожидалось: { $found }
scenario-differs-in = { $section } { $subject }: ожидалось { $expected }, получено { $found }
scenario-not_refused = ожидался отказ { $expected }, но действие выполнено
scenario-refused = получен отказ: { $found }
scenario-refused_otherwise = ожидался отказ { $expected }, получен { $found }
scenario-unreadable = { $section } { $subject }: строка не читается: { $expected }
scenario-check = контрольная проверка { $section } не пройдена: { $subject }: ожидалось { $expected }, получено { $found }

scenario-section-accounts = остатки по счетам
scenario-section-balances = сальдо расчётов
scenario-section-lots = открытые документы расчётов
scenario-section-allocations = зачёты
scenario-section-postings = проводки
scenario-section-states = состояния документов
scenario-section-changes = изменения
scenario-section-refused = отказ
