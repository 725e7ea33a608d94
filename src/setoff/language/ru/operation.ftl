# Эксплуатация: резервные копии, сервер, его состояние.

backup-folder = папка
backup-writing = Резервное копирование
backup-reading = Чтение
backup-restoring = Восстановление
backup-done = Резервная копия на { $made_at }: { $file }, документов: { $documents }, байт: { $size }.
backup-not-exact = Всё это время шла загрузка: копия целостна, но не совпадает в точности с отчётами «как было известно» на её момент.
backup-fingerprint = Контрольный отпечаток: { $fingerprint }
backup-removed = Удалена: { $file }
backup-whole = Резервная копия цела: сделана { $made_at } версией { $version }, таблиц: { $tables }, строк: { $rows }.
backup-provable = Из неё можно восстановиться, и закрытые периоды не изменены. Документов: { $documents }.
backup-checks-failed = После восстановления из неё { $count ->
    [one] { $count } контрольная проверка находит
    [few] { $count } контрольные проверки находят
   *[other] { $count } контрольных проверок находят
} ошибки: { $codes }
restore-done = Восстановлено документов: { $documents }, состояние на { $made_at }.
restore-kept = Прежняя база сохранена как { $database }.
