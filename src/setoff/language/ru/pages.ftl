# Слова рамки каждой страницы и меню.

page-setoff = Взаиморасчёты
page-language = ru
page-skip = К содержанию
page-menu = Меню
page-choose-language = Язык
page-working-day = Рабочая дата
page-sign-out = Выйти
page-keys = Клавиши
page-close = Закрыть
page-refused = Это сделать нельзя
page-home = На начальную страницу
page-reports = Отчёты
page-filters = Отбор
page-show = Показать
page-print = Печать
page-export = В файл
page-table = Таблица
page-choose-first = Сначала выберите:
menu-reports = Отчёты
option-as-of = На дату
option-from = С даты
option-known-at = По данным на момент
option-contour = Контур
