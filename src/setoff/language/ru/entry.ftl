# Формы ввода: реквизиты, табличные части, кнопки.

menu-entry = Создать
entry-new = Новый документ
entry-group-sales = Продажи
entry-group-purchases = Покупки
entry-group-money = Деньги
entry-group-further-money = Прочие расчёты, займы, возвратная тара
entry-group-entries = Операции
entry-group-opening = Ввод остатков
entry-more = Дополнительные реквизиты
entry-post = Провести
entry-save = Записать черновик
entry-fill = Заполнить по остаткам
entry-others = ; { $count ->
    [one] изменится ещё { $count } документ
    [few] изменятся ещё { $count } документа
   *[other] изменятся ещё { $count } документов
  }
entry-posted = Документ проведён.
entry-saved = Документ записан, в учёте он ещё не отражён.
entry-waits = Документ ожидает утверждения вторым лицом.
preview-waits = До проведения документ должен утвердить второй сотрудник.
entry-unseen = Документ ещё не проведён: изменятся другие документы, и не так, как было показано. Посмотрите ниже, что изменится, и проведите ещё раз.
entry-edit = Изменить
entry-copy = Скопировать
entry-based-on = Создать на основании
entry-back = К документу
entry-add-row = Добавить строку
entry-copy-row = Скопировать строку
entry-remove-row = Удалить строку
entry-row-actions = Строка
entry-paste = Строки из электронной таблицы можно вставить прямо в ячейку.
entry-leave = Введённые данные не записаны.
edited_meanwhile = Документ { $document } изменил пользователь { $author } ({ $instant } UTC) после того, как вы его открыли. Ваши изменения не записаны.
    .mend = Откройте документ ещё раз рядом с этой формой и внесите своё изменение в его текущее содержание.

preview-title = Что произойдёт при проведении
preview-missing = Ещё не заполнено: { $field }.
preview-total = Всего
preview-vat = НДС
preview-postings = Проводки
preview-no-postings = Проводок нет.
preview-settles = Взаиморасчёты
preview-settles-nothing = Ничего не погашает и не создаёт задолженности.
preview-both = оба контура
preview-uses = { $amount } — погашение: { $document }, { $rule }
preview-opens-debt = { $amount } — возникает долг ({ $relation })
preview-opens-debt-due = { $amount } — возникает долг со сроком { $due } ({ $relation })
preview-opens-advance = { $amount } — аванс ({ $relation })
preview-others = { $count ->
    [one] Изменится ещё { $count } документ
    [few] Изменятся ещё { $count } документа
   *[other] Изменятся ещё { $count } документов
  }
preview-consent = Уменьшить зачёт в более поздних документах: излишек станет авансом
preview-for-posting = Черновик в учёте не отражается. Последствия проведения видит тот, кто вправе проводить документы.

grid-lines = Товары и услуги
grid-stages = Этапы оплаты
grid-targets = Расчётные документы
grid-rows = Строки

choice-contours-both = оба
choice-kind-goods = товар
choice-kind-services = услуга
choice-kind-materials = материал
choice-direction-down = уменьшение
choice-direction-up = увеличение
choice-named-by-payer = плательщиком
choice-named-by-internal = нами

field-unit = Балансовая единица
field-date = Дата
field-number = Номер
field-counterparty = Контрагент
field-counterparty-without-base = Контрагент (если исходный документ неизвестен)
field-contract = Договор
field-agreement = Соглашение
field-currency = Валюта
field-order = Заказ
field-due = Срок оплаты
field-prices-include-vat = Цены включают НДС
field-contours = Контуры учёта
field-rate = Курс к валюте учёта
field-day-order = Порядок в течение дня
field-comment = Комментарий
field-key = Ключ
field-line-name = Товар или услуга
field-line-kind = Вид
field-quantity = Количество
field-price = Цена
field-vat-rate = НДС, %
field-gross = Сумма с НДС
field-vat = Сумма НДС
field-cost = Себестоимость
field-account = Счёт учёта
field-item = Аналитика
field-amount = Сумма
field-document = Документ
field-document-line = Часть
field-named-by = Указано
field-demoted = Уменьшено
field-incoming-number = Входящий номер
field-incoming-date = Входящая дата
field-direction = Направление
field-base = Исходный документ
field-bank-account = Банковский счёт
field-cash = Наличными
field-payer = Фактический плательщик (получатель)
field-cash-flow-item = Статья движения денег
field-purpose = Назначение платежа
field-debt-consent = Превышение над авансом станет долгом
field-settlement-currency = Валюта расчётов
field-settlement-amount = Сумма в валюте расчётов
field-row-rate = Курс платежа
field-document-number = Номер документа
field-document-date = Дата документа
field-book-amount = Сумма в валюте учёта
field-relation = Вид расчётов
field-currency-amount = Сумма в этой валюте
field-book-currency-amount = Сумма в валюте учёта
