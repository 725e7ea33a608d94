# Банк: выписки, их строки, исходящие платежи.
statement_unknown_format = { $file } — не банковская выписка известного формата.
    .mend = Возьмите в банке CAMT.052, .053 или .054 (XML), MT940 или 1CClientBankExchange.
statement_unreadable = Выписка { $file } не читается в месте { $place }: { $reason }.
    .mend = Получите файл из банка заново; не правьте его.
statement_field_missing = В выписке { $file } в месте { $place } нет { $field }.
    .mend = Получите файл из банка заново, за весь период.
statement_value_invalid = В выписке { $file } в месте { $place } в поле { $field } недопустимое значение: «{ $value }».
    .mend = Получите файл из банка заново; не правьте его.

finding-balance-missing = В выписке по счёту { $account } нет обоих остатков: сверить её нельзя.
finding-balance-differs = Входящий остаток { $opening } и обороты { $lines } не дают исходящий { $closing }: расхождение { $difference }.
finding-balance-jumps = Остаток до этого { $before }, а раздел в строке { $line } начинается с { $after }.
finding-balance-currency = Остаток не в валюте счёта ({ $currency }): { $balance }.
finding-batch-differs = Части записи { $number } дают { $parts }, а запись на { $total }: она не разделена.
