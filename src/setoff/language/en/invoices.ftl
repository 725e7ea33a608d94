# Tax invoices: documents, register, books, issuing.

field-invoice-kind = Invoice for
field-original = Original invoice
field-operation-code = Operation code
field-invoice-difference = Why it differs from the document
field-received = Received on
field-deduct = VAT is deducted
grid-bases = What it is for
grid-sums = Sums by VAT rate (empty: as in the documents)
choice-invoice-kind-shipment = a supply
choice-invoice-kind-advance = an advance
choice-invoice-kind-correction = a correction
choice-invoice-kind-corrected = a corrected invoice
entry-group-invoices = Tax invoices
said-invoice-kind = Invoice for
said-invoice-kind-shipment = a supply
said-invoice-kind-advance = an advance
said-invoice-kind-correction = a correction
said-invoice-kind-corrected = a corrected invoice
said-bases = What it is for
said-bases-one = Document { $number }
said-sums = Sums by VAT rate
said-sums-one = Rate { $number }
said-original = Original invoice
said-operation-code = Operation code
said-received = Received on
said-deduct = VAT is deducted
