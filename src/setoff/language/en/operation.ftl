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
setting-database-url = the PostgreSQL (15 or newer) that holds the books; absent: an embedded server in the data folder
setting-database-url-form = a connection address, for example postgresql://user@host/books
setting-data-dir = the data folder: the embedded server's files, the secret key; absent: the platform's folder for a user's data
setting-data-dir-form = a folder
setting-lang = the language; absent: that of the locale, else English
setting-lang-form = en, ru or zh
setting-secret-key = key of the signatures of sessions and forms; absent: made at first use and kept in the data folder. Several servers of one database need the same
setting-secret-key-form = at least 32 characters
setting-allowed-hosts = names by which browsers call the server
setting-allowed-hosts-form = names or addresses without scheme and port, separated by commas; .example.com also means all below it
setting-https = browsers reach the server by HTTPS (a proxy does it): cookies only by it, other requests are sent there, browsers remember it for a year
setting-https-form = yes or no
setting-trusted-proxy = proxies whose word on the client, scheme and host is believed (X-Forwarded-For, -Proto, -Host)
setting-trusted-proxy-form = addresses or networks separated by commas, not everybody; unix for a Unix socket
setting-upload-mib = largest request of a page, in MiB
setting-upload-mib-form = a whole number from 1 to 2048
setting-statement-seconds = longest that the database works for one request of a page
setting-statement-seconds-form = a whole number from 1 to 3600
setting-lock-seconds = longest that a request waits for another to finish
setting-lock-seconds-form = a whole number from 1 to 600
setting-disk-mib = free space of the data folder below which the server is not ready, in MiB
setting-disk-mib-form = a whole number from 1 to 1000000
setting-log-format = lines of the log
setting-log-format-form = json or text
setting-log-level = what is worth a line
setting-log-level-form = debug, info, warning or error
setting-metrics-token = who may read /metrics (Authorization: Bearer ...); absent: nobody
setting-metrics-token-form = at least 16 characters
setting-api-upload-bytes-max = largest body that a bulk address of the API takes, in bytes
setting-api-upload-bytes-max-form = a whole number from 1 to 1099511627776
setting-api-requests-per-minute = requests of one person to the API in a minute; 0: nobody counts
setting-api-requests-per-minute-form = a whole number from 0 to 10000000
setting-smtp-url = the server that sends mail; absent: letters are kept as files in the folder unsent_mail of the data folder
setting-smtp-url-form = smtp://user:password@host:587, or smtps://... when encrypted from the start
setting-mail-from = who letters are from
setting-mail-from-form = an address, or a name with it: Books <books@example.org>
serve-open = Open { $address } in a browser; Ctrl-C ends it.
