# Периоды и печати.

period-unit = Балансовая единица
period-first-day = Первый день
period-last-day = Последний день
period-state = Состояние
period-rows = Строк
period-author = Кто
period-seal = Печать
period-closed = Закрыт период: { $unit }, { $first_day } — { $last_day }.
period-sealed = Опечатан период: { $unit }, { $first_day } — { $last_day }.
period-reopened = Открыт период: { $unit }, { $first_day } — { $last_day }.
verify-passed = Всё осталось таким, каким было закрыто: периодов { $periods }, строк { $rows }.
verify-head = Печать { $unit } по { $date }: { $seal }
verify-failed = Отличий от закрытого: { $count }.
verify-altered = изменено: { $relation } { $row }, документ «{ $kind }» { $number } от { $date } ({ $unit }, период по { $period })
verify-missing = пропало: { $relation } { $row }, документ «{ $kind }» { $number } от { $date } ({ $unit }, период по { $period })
verify-added = добавлено: { $relation } { $row }, документ «{ $kind }» { $number } от { $date } ({ $unit }, период по { $period })
verify-link-altered = изменено: звено { $row } цепочки печатей ({ $unit }, период по { $period })
verify-link-broken = разрыв: звено { $row } не продолжает предыдущее ({ $unit }, период по { $period })
verify-rows-altered = изменены контрольные суммы строк звена { $row } ({ $unit }, период по { $period })
verify-link-missing = пропало звено, известное журналу аудита: { $row } ({ $unit }, период по { $period })
verify-state-differs = состояние периода не соответствует последней печати: { $row } ({ $unit }, период по { $period })
verify-audit-altered = изменено: запись { $row } журнала аудита, «{ $kind }» от { $date } ({ $unit }, период по { $period })
verify-audit-missing = пропало: запись { $row } журнала аудита ({ $unit }, период по { $period })
verify-audit-added = добавлено: запись { $row } журнала аудита, «{ $kind }», будто бы от { $date } ({ $unit }, период по { $period })
verify-audit-link = изменены контрольные суммы записей аудита звена { $row } ({ $unit }, период по { $period })
kind-period = период
