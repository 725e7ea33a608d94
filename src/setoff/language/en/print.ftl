# What stands on every printed page.
print-made = Printed { $day }
print-page = Page { $page } of { $pages }
