# Загрузка и выгрузка файлов
rows_differ = Строки одного документа расходятся: поле { $field } здесь «{ $value }», а в строке { $first_row } — «{ $expected }».
    .mend = Приведите строки в соответствие или группируйте их по колонке, которая различает документы.

skipped-no-record = в файле соответствия для неё нет записи
skipped-rounds-to-zero = сумма округляется до нуля
skipped-join-unused = на неё не ссылается ни одна строка
import-expected = ожидается: { $expected }
import-row-of = { $file }, строка { $row }
import-skipped = пропущено строк: { $count } (файл { $file }, первые: { $rows }): { $reason }
import-masters = Справочники: создано { $created }, изменено { $changed }, без изменений { $unchanged }
import-documents = Документы: создано { $created }, изменено { $changed }, без изменений { $unchanged }
import-refused = Отклонено строк: { $count }
import-nothing-written = Ничего не записано: исправьте строки или загрузите остальные с --good-rows.
import-would = Пробная загрузка: ничего не записано.
import-tally = { $kind }: документов { $documents }, сумма в файле { $exact }, загружено { $imported }
import-rounding = округлено до копеек в документах: { $count }, разница { $difference }
import-tax = в том числе налог: в файле { $exact }, загружено { $imported }
import-reading = Чтение
import-rate = { $rate } строк/с
export-done = Выгружено в { $file }: записей справочников { $masters }, документов { $documents }
guess-title = Предложено командой setoff import --guess по колонкам файла { $file }. Проверьте каждую строку.
guess-unused = колонки не использованы: { $columns }
guess-ambiguous-date = даты читаются и как { $other }: проверьте
guess-fill = заполните
guess-no-date = Ни одна колонка не похожа на дату: укажите дату.
guess-no-amount = Ни одна колонка не похожа на сумму: укажите сумму.
