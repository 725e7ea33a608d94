"""Entry forms: one engine for every document type and master record, driven by layouts as data.

    layout.py     what a form is made of: fields, grids
    layouts.py    the layout of every kind of document; records.py those of master records
    typed.py      what people typed <-> the structure that `setoff import` and the API take, nothing lost on the way
    shown.py      what they typed as fields of a page, with names of codes and refusals at their fields
    preview.py    what a document would do: a dry run, told
    posting.py    saving and posting: once, and never over somebody else's edit
    basis.py      a new document from another: copy, payment, correction, return
    entry.py      the pages of documents; masters.py those of master records
"""
