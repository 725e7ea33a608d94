"""Copies of the whole database in one file, and databases made from such a file.

    archive.py   the file: a zip of one member a table, and a manifest with a sha256 of each
    dump.py      writes one from a running database, from one snapshot
    restore.py   makes a database from one, beside the old one, and puts it in its place when it is whole
"""
