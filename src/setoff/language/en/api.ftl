# The API: refusals of requests, and the page that tells what it can do.

request_unreadable = The request cannot be read: { $reason }.
    .mend = Send one complete JSON value in UTF-8, with the content type application/json.
request_too_large = The body is longer than { $limit } bytes.
    .mend = Send less at once: lists of records go through POST /imports.
media_type_unsupported = The content type "{ $value }" is not read here.
    .mend = Send one of: { $expected }.
method_not_allowed = The method { $method } is not possible at this address.
    .mend = Possible are: { $allowed }.
route_unknown = There is nothing at the address { $value }.
    .mend = The addresses of the API are listed at /api/docs.
sign_in_required = Nobody is signed in, or the token is not valid.
    .mend = Send the header "Authorization: Bearer TOKEN" with a valid token, or sign in.
csrf_failed = The request does not come from a page of this site.
    .mend = Load the page again; programs use a token instead of a session.
version_differs = The document is at version { $actual }, not at { $expected }.
    .mend = Read the document again, apply your change to what it says now, and send it with that version.
idempotency_key_reused = The idempotency key "{ $key }" belongs to another request: { $route }.
    .mend = Use a new key for every new request; the same key only to repeat the very same request.
request_in_progress = The first request with the idempotency key "{ $key }" is still running.
    .mend = Wait a little and send the same request again.
too_many_requests = More than { $limit } requests in a minute.
    .mend = Go on in { $seconds } seconds, or send many records in one request (POST /imports).
webhook_address_refused = Messages are not sent to { $url } ({ $reason }).
    .mend = Give an https address of the open internet without a user name. For receivers in the own network an administrator sets SETOFF_WEBHOOK_PRIVATE_ADDRESSES=yes.
internal_error = A fault of the server. Nothing was changed.
    .mend = Tell the administrator the time of the request; the log of the server has the cause.

api-page-title = API of Setoff
api-page-operations = Operations
api-page-description = Machine-readable description (OpenAPI 3.1)
api-page-codes = Codes of refusals
api-page-code = Code
api-page-parameters = Parameters
api-page-body = Body
api-page-answers = Answers
api-page-schemas = Schemas
api-page-field = Field
api-page-form = Form
api-page-needed = Required
api-page-status = Status
api-page-meaning = Meaning
api-page-mend = How to mend it

kind-webhook = webhook
kind-delivery = delivery
kind-user = user
setting-webhook-private-addresses = whether webhooks may go to addresses of the own network and over plain HTTP
setting-webhook-private-addresses-form = yes or no
setting-webhook-keep-days = days for which messages that were delivered or given up are kept; 0: for ever
setting-webhook-keep-days-form = a whole number from 0 to 36500
