# Words of the frame around every page, and of the menu.

page-setoff = Settlements
page-language = en
page-skip = To the content
page-menu = Menu
page-choose-language = Language
page-working-day = Working day
page-sign-out = Sign out
page-keys = Keys
page-close = Close
page-refused = This cannot be done
page-home = To the start page
page-reports = Reports
page-filters = Filters
page-show = Show
page-print = Print
page-export = As a file
page-table = Table
page-choose-first = Choose one of these first:
menu-reports = Reports
option-as-of = As of
option-from = From
option-known-at = As known at
option-contour = Contour
