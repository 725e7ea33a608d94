# setoff demo, setoff demo-data
demo-loading = Загружается пример группы компаний, документов: { $documents }
demo-loaded = Загружено: элементов справочников { $masters }, документов { $documents }, за { $seconds } с
demo-exists = В базе уже есть документы, ничего не загружено.
demo-nothing = Проведённых документов пока нет.
demo-title = Документов: { $documents }, организаций: { $organizations }, на { $day }
demo-they-owe = Нам должны: { $shown } крупнейших из { $all } дебиторов
demo-we-owe = Мы должны: { $shown } крупнейших из { $all } кредиторов
demo-ageing = Задолженность по срокам на { $day }, авансы отдельно
demo-trial-balance = Оборотно-сальдовая ведомость, итоги, счетов: { $accounts }
demo-checks-passed = Все проверки пройдены ({ $checks }): счета и расчёты сходятся до копейки.
demo-checks-failed = Проверки с замечаниями: { $failed } из { $checks }. Подробнее: setoff check
demo-next = Что набрать дальше
demo-written = Документов: { $documents }, файл { $path }
demo-people = Войти можно как { $names }; пароль у каждого { $password }
