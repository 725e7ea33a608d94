# Начисление по прейскуранту: страница, команда, API.

menu-billing = Начисления по прейскуранту
billing-title = Начисление по прейскуранту
billing-wanted = Что начислить
billing-month = Ежемесячная плата
billing-operations = Операции
billing-kind = Вид
billing-kind-month = ежемесячная плата
billing-kind-operations = операции
billing-price-list = Прейскурант
billing-first = Услуги с
billing-last = по
billing-issued-on = Дата счетов
billing-show = Показать счета
billing-no-lists = Прейскуранта ещё нет. Введите его или начните с образца: setoff billing template depository ОРГАНИЗАЦИЯ.
billing-new-list = Новый прейскурант
billing-preview = Счета к выставлению
billing-none = Начислять нечего.
billing-run = Провести { $count ->
    [one] { $count } счёт
    [few] { $count } счёта
   *[other] { $count } счетов
  }
billing-total = Итого
billing-due = Оплатить до
billing-charges = Начисления
billing-left-out = Не включено
billing-notes = Примечания
billing-note-outside-window = Срок выставления счёта: с { $first } по { $last }.
billing-note-earlier-months = Не начислено за прошлые месяцы: { $count }.
billing-note-prepayment-allowed = Операция { $operation }: смета { $amount } позволяет требовать предоплату.
billing-note-suspended = Не оплачено: обслуживание может быть приостановлено с { $date }.
billing-note-after-end = Срок договора { $contract } истёк, обслуживание продолжается.
billing-running = Проведено счетов: { $done } из { $total }
billing-stop = Остановить
billing-continue = Продолжить
billing-finished = Проведено: { $posted }. Ждут утверждения: { $waits }. Отказано: { $refused }.
billing-posted = проведён
billing-waits = ждёт утверждения
billing-refused = отказано
billing-nothing = начислять нечего
billing-again = К начислениям
billing-left-nothing = Начислять было нечего: { $count }.
billing-runs = Выполненные начисления
billing-no-runs = Начислений ещё не было.
billing-run-number = Начисление № { $run }
billing-run-services = Услуги
billing-run-issued = Дата счетов
billing-run-invoices = Счетов
billing-run-author = Автор
billing-run-undone = отменил { $author }
billing-undo = Отменить
billing-undo-ask = Все счета этого начисления будут распроведены; номера и содержание останутся для следующего.
billing-undone = Начисление № { $run } отменено, распроведено счетов: { $count }.
billing-unpaid = Неоплаченные счета
billing-none-unpaid = Все счета оплачены.
billing-open = Остаток
billing-suspended-from = Можно приостановить с
billing-tariff-changes = Право изменить тарифы
billing-at-once = сразу
billing-earliest = Не раньше
billing-rate-then = Курс на дату договора
billing-rate-now = Текущий курс
billing-rate-limit = Ниже
billing-quote = { $number } на { $total }: оплачивается полностью суммой { $amount } по курсу { $rate } на { $date }.
billing-dry-run = Ничего не сохранено: показано, что было бы проведено.
billing-run-started = Начисление № { $run }
