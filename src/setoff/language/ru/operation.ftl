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
setting-database-url = PostgreSQL (15 или новее), где хранится учёт; без неё — встроенный сервер в папке данных
setting-database-url-form = адрес подключения, например postgresql://user@host/books
setting-data-dir = папка данных: файлы встроенного сервера, секретный ключ; без неё — папка данных пользователя в системе
setting-data-dir-form = папка
setting-lang = язык; без неё — язык системы, иначе английский
setting-lang-form = en, ru или zh
setting-time-zone = часовой пояс тех, кто не выбрал своего: в нём показывается время и определяется сегодняшний день; хранится и отдаётся через API всегда UTC
setting-time-zone-form = имя вида Europe/Moscow или UTC
setting-user = пользователь, от имени которого выполняется команда; без неё — имя входа на этой машине
setting-user-form = имя входа пользователя Setoff
setting-password = пароль, который задают setoff user add и setoff user password; без неё он спрашивается
setting-password-form = не короче 12 знаков
setting-secret-key = ключ подписей сеансов и форм; без неё создаётся при первом запуске и хранится в папке данных. У нескольких серверов одной базы он должен быть общим
setting-secret-key-form = не менее 32 знаков
setting-allowed-hosts = имена, по которым браузеры обращаются к серверу
setting-allowed-hosts-form = имена или адреса без схемы и порта через запятую; .example.com включает и все вложенные
setting-https = браузеры обращаются по HTTPS (его обеспечивает прокси): cookie передаются только по нему, прочие запросы перенаправляются, браузер помнит это год
setting-https-form = yes или no
setting-trusted-proxy = прокси, которым верят о клиенте, схеме и имени сервера (X-Forwarded-For, -Proto, -Host)
setting-trusted-proxy-form = адреса или сети через запятую, но не все сразу; unix — для сокета Unix
setting-upload-mib = наибольший размер запроса страницы, МиБ
setting-upload-mib-form = целое число от 1 до 2048
setting-statement-seconds = сколько секунд база может выполнять один запрос страницы
setting-statement-seconds-form = целое число от 1 до 3600
setting-lock-seconds = сколько секунд запрос ждёт завершения другого
setting-lock-seconds-form = целое число от 1 до 600
setting-disk-mib = свободное место в папке данных, ниже которого сервер не готов, МиБ
setting-disk-mib-form = целое число от 1 до 1000000
setting-log-format = вид строк журнала
setting-log-format-form = json или text
setting-log-level = что записывать в журнал
setting-log-level-form = debug, info, warning или error
setting-metrics-token = кто может читать /metrics (Authorization: Bearer ...); без неё — никто
setting-metrics-token-form = не менее 16 знаков
setting-api-upload-bytes-max = наибольший размер тела массового запроса к API, байт
setting-api-upload-bytes-max-form = целое число от 1 до 1099511627776
setting-api-requests-per-minute = сколько запросов к API в минуту может сделать один пользователь; 0 — без ограничения
setting-api-requests-per-minute-form = целое число от 0 до 10000000
setting-smtp-url = сервер отправки почты; без него письма остаются файлами в папке unsent_mail папки данных
setting-smtp-url-form = smtp://user:password@host:587 или smtps://..., если шифрование с самого начала
setting-mail-from = от кого письма
setting-mail-from-form = адрес или имя с адресом: Books <books@example.org>
serve-open = Откройте в браузере { $address }; Ctrl-C — завершить.
