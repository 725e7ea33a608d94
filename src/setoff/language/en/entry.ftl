# Entry forms: fields, grids, buttons.

menu-entry = New
entry-new = New document
entry-group-sales = Sales
entry-group-purchases = Purchases
entry-group-money = Money
entry-group-further-money = Other settlements, loans, deposits
entry-group-entries = Entries
entry-group-opening = Opening balances
entry-more = Further fields
entry-post = Post
entry-save = Save as a draft
entry-fill = Fill by balances
entry-others = ; { $count ->
    [one] 1 other document changes
   *[other] { $count } other documents change
  }
entry-posted = The document is posted.
entry-saved = The document is saved; nothing of it is in the books yet.
entry-waits = The document waits for a second person's approval.
preview-waits = A second person has to approve it before it is posted.
entry-unseen = Not posted yet: other documents change, and not as you last saw it. Look below at what changes, then post again.
entry-edit = Edit
entry-copy = Copy
entry-based-on = Make from it
entry-back = To the document
entry-add-row = Add a row
entry-copy-row = Copy the row
entry-remove-row = Remove the row
entry-row-actions = Row
entry-paste = Rows copied from a spreadsheet can be pasted into a cell.
entry-leave = What you typed is not saved.
edited_meanwhile = { $author } changed document { $document } at { $instant } UTC, after you opened it. Nothing of yours was saved.
    .mend = Open the document anew beside this form, and enter your change on what it says now.

preview-title = What this will do
preview-missing = Still missing: { $field }.
preview-total = Total
preview-vat = VAT
preview-postings = Postings
preview-no-postings = No postings.
preview-settles = Settlements
preview-settles-nothing = It settles nothing and opens nothing.
preview-both = both contours
preview-uses = { $amount } settles { $document }: { $rule }
preview-opens-debt = { $amount } opens a debt ({ $relation })
preview-opens-debt-due = { $amount } opens a debt due { $due } ({ $relation })
preview-opens-advance = { $amount } becomes an advance ({ $relation })
preview-others = { $count ->
    [one] 1 other document changes
   *[other] { $count } other documents change
  }
preview-consent = Cut down what later documents name: their excess becomes an advance
preview-for-posting = Saved as a draft it changes nothing in the books. What posting would do is shown to who may post.

grid-lines = Lines
grid-stages = Payment stages
grid-targets = What it settles
grid-rows = Rows

choice-contours-both = both
choice-kind-goods = goods
choice-kind-services = services
choice-kind-materials = materials
choice-direction-down = down
choice-direction-up = up
choice-named-by-payer = the payer
choice-named-by-internal = us

field-unit = Unit
field-date = Date
field-number = Number
field-counterparty = Counterparty
field-counterparty-without-base = Counterparty, where the base is not known
field-contract = Contract
field-agreement = Agreement
field-currency = Currency
field-order = Order
field-due = Due date
field-prices-include-vat = Prices include VAT
field-contours = Contours
field-rate = Rate to book currency
field-day-order = Order within the day
field-comment = Comment
field-key = Key
field-line-name = Goods or service
field-line-kind = Kind
field-quantity = Quantity
field-price = Price
field-vat-rate = VAT, %
field-gross = Amount with VAT
field-vat = VAT
field-cost = Cost
field-account = Account
field-item = Analytics
field-amount = Amount
field-document = Document
field-document-line = Part
field-named-by = Named by
field-demoted = Cut off
field-incoming-number = Supplier's number
field-incoming-date = Supplier's date
field-direction = Direction
field-base = Base document
field-bank-account = Bank account
field-cash = In cash
field-payer = Actual payer or payee
field-cash-flow-item = Cash-flow item
field-purpose = Purpose
field-debt-consent = The excess may become a debt
field-settlement-currency = Settlement currency
field-settlement-amount = In settlement currency
field-row-rate = Rate of the payment
field-document-number = Number of the document
field-document-date = Date of the document
field-book-amount = In book currency
field-relation = Relation
field-currency-amount = Amount in that currency
field-book-currency-amount = Amount in book currency
