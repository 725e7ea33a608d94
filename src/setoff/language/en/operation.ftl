# Operation: backups, the server, its health.

backup-folder = a folder
backup-writing = Backing up
backup-reading = Reading
backup-restoring = Restoring
backup-done = Backup of { $made_at }: { $file }, { $documents } documents, { $size } bytes.
backup-not-exact = An import was under way all the time: the backup is one consistent state, but not precisely that of reports as known at its instant.
backup-fingerprint = Fingerprint: { $fingerprint }
backup-removed = Removed: { $file }
backup-whole = The backup is whole: made on { $made_at } by version { $version }, { $tables } tables, { $rows } rows.
backup-provable = It can be restored, and what was closed is as it was closed: { $documents } documents.
backup-checks-failed = Restored from it, { $count ->
    [one] { $count } control check finds
   *[other] { $count } control checks find
} errors: { $codes }
restore-done = Restored: { $documents } documents, as of { $made_at }.
restore-kept = The former database is kept as { $database }.
