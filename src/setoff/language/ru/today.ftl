# Сегодня, открытые долги, проверки и периоды.

today-items = { $count ->
    [one] { $count } строка
    [few] { $count } строки
   *[many] { $count } строк
}
today-title = Сегодня
today-overdue-receivable = Просрочено нам
today-overdue-payable = Просрочено нами
today-week-receivable = Поступит за неделю
today-week-payable = Заплатить за неделю
today-advances-received = Авансы полученные без отгрузки
today-advances-paid = Авансы выданные без поставки
today-both-ways = Можно зачесть
today-failed = Контрольные проверки нашли ошибки
today-nothing = Нет.
today-cash = Ожидаемые деньги, { $currency }
today-day = День
today-in = Поступит
today-out = Уйдёт
today-planned-in = Поступит по плану
today-planned-out = Уйдёт по плану
today-planned-note = Пунктиром – план по заказам и счетам, долга ещё нет.
today-they-owe = Должны нам
today-we-owe = Должны мы
today-can-be-set-off = К зачёту
today-since = С какого дня
today-more = и ещё { $count }
open-title = Открытые долги и авансы
open-what = Что
open-debt = долги
open-advance = авансы
open-overdue = просрочено
open-week = за семь дней
open-later = позже
open-all = все
open-unit = Балансовая единица
open-counterparty = Контрагент
open-contract = Договор
open-document = Документ
open-due = Срок
open-days = Дней просрочки
open-amount = Сумма
open-currency = Валюта
open-total = Итого по всему списку
report-open-items = Открытые долги и авансы
option-lot = Что
option-span = Срок
span-overdue = просрочено
span-week = за семь дней
span-later = позже
checks-not-run = не запускалась
checks-run = Проверить
checks-run-all = Проверить всё
checks-unknown = Ещё не запускалось проверок: { $count }.
checks-spec = Правило: { $spec }
checks-checked-at = проверено { $instant }
periods-verify = Сверить с печатями
periods-close = Закрыть
periods-close-next = Закрыть следующий период:
periods-seal = Опечатать
periods-reopen = Открыть снова
periods-reason = Причина
periods-at = Когда
periods-actions = Действия
periods-none = Ещё ничего не закрыто.
