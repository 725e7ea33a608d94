# Строки, отклонённые при загрузке

command-rejected = Строки, отклонённые при загрузке: список, повторная загрузка, снятие с очереди.
kind-rejected-row = отклонённая строка
import-waiting = Отклонённых строк ждёт разбора: { $count }. Список: «setoff rejected list».
rejected-title = Строки, отклонённые при загрузке
rejected-what = Что загрузка отклонила и что ещё никто не разобрал. Строка уходит сама, когда следующая загрузка принесёт ту же запись.
rejected-none = Отклонённых строк нет.
rejected-more = Ещё строк: { $count }
rejected-state = Состояние
rejected-state-open = ждёт разбора
rejected-state-handled = принята позже
rejected-state-dropped = снята
rejected-content = Строка, как она пришла
rejected-by = отклонена { $instant }, загружал: { $person }
rejected-dropped-by = сняли: { $person }, { $instant }: { $reason }
rejected-handled-by = принята из файла { $file } { $instant }, загружал: { $person }
rejected-retried-by = повторно загружена { $instant }: { $person }
rejected-consent = Принять вопреки лимитам; закрыть договоры с незавершёнными расчётами
rejected-retry = Загрузить снова
rejected-because = Почему строка не нужна
rejected-drop = Снять
rejected-accepted = { $file }, строка { $row }: принята.
rejected-dropped = { $file }, строка { $row }: снята.
today-rejected = Отклонено при загрузке
audit-verb-drop-rejected = отклонённая строка загрузки снята
audit-verb-retry-rejected = отклонённая строка загружена снова
