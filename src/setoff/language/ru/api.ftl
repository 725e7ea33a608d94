# API: отказы в запросах и страница с описанием.

request_unreadable = Запрос не читается: { $reason }.
    .mend = Отправьте одно целое значение JSON в UTF-8 с типом содержимого application/json.
request_too_large = Тело запроса длиннее { $limit } байт.
    .mend = Отправляйте меньшими частями: списки записей принимает POST /imports.
media_type_unsupported = Тип содержимого «{ $value }» здесь не принимается.
    .mend = Отправьте один из типов: { $expected }.
method_not_allowed = Метод { $method } по этому адресу невозможен.
    .mend = Возможны: { $allowed }.
route_unknown = По адресу { $value } ничего нет.
    .mend = Адреса API перечислены на странице /api/docs.
sign_in_required = Вход не выполнен, или ключ доступа недействителен.
    .mend = Передайте заголовок «Authorization: Bearer КЛЮЧ» с действующим ключом доступа или войдите в систему.
csrf_failed = Запрос пришёл не со страницы этого сайта.
    .mend = Обновите страницу; программы работают по ключу доступа, а не через сеанс пользователя.
version_differs = Текущая версия документа — { $actual }, а не { $expected }.
    .mend = Прочитайте документ заново, внесите изменение в его нынешнее содержание и отправьте с новой версией.
idempotency_key_reused = Ключ идемпотентности «{ $key }» принадлежит другому запросу: { $route }.
    .mend = Для каждого нового запроса берите новый ключ; прежний — только для повтора того же самого запроса.
request_in_progress = Первый запрос с ключом идемпотентности «{ $key }» ещё выполняется.
    .mend = Немного подождите и повторите тот же запрос.
too_many_requests = Больше { $limit } запросов в минуту.
    .mend = Продолжите через { $seconds } с или отправьте много записей одним запросом (POST /imports).
webhook_address_refused = На адрес { $url } сообщения не отправляются ({ $reason }).
    .mend = Укажите адрес https в открытом интернете, без имени пользователя. Для получателей в своей сети администратор задаёт SETOFF_WEBHOOK_PRIVATE_ADDRESSES=yes.
internal_error = Ошибка сервера. Ничего не изменено.
    .mend = Сообщите администратору время запроса: причина записана в журнале сервера.

api-page-title = API Setoff
api-page-operations = Операции
api-page-description = Описание для программ (OpenAPI 3.1)
api-page-codes = Коды отказов
api-page-code = Код
api-page-parameters = Параметры
api-page-body = Тело запроса
api-page-answers = Ответы
api-page-schemas = Схемы
api-page-field = Поле
api-page-form = Вид
api-page-needed = Обязательно
api-page-status = Статус
api-page-meaning = Значение
api-page-mend = Как исправить

kind-webhook = вебхук
kind-delivery = отправка
kind-user = пользователь
setting-webhook-private-addresses = можно ли отправлять вебхуки на адреса своей сети и по HTTP без шифрования
setting-webhook-private-addresses-form = yes или no
setting-webhook-keep-days = сколько дней хранить доставленные и недоставленные сообщения вебхуков; 0 — бессрочно
setting-webhook-keep-days-form = целое число от 0 до 36500
