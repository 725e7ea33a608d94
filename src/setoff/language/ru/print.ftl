# Что стоит на каждой напечатанной странице.
print-made = Напечатано { $day }
print-page = Стр. { $page } из { $pages }
