"""The phone simulator: a web process that plays Twilio, Telegram and the Mitra's phones (contract.md 7).

Start it: `python -m helpdesk.demo.phones --port 8001 --app-url http://127.0.0.1:8000 --env var/demo.env`.
The app knows it only as HELPDESK_TWILIO_API_BASE and HELPDESK_TELEGRAM_API_BASE.

For people: `GET /` shows three phones; `?lang=en` for English.

For the app: Twilio's `/2010-04-01/Accounts/<sid>/Messages…`, `/v1/Content…` and `/v1/Alerts`; Telegram's
`/bot<token>/…` and `/file/bot<token>/…`.

For tests, all JSON:

* `GET /sent` lists accepted sends, oldest first: `[{channel, to, body, at, id}]`; `?channel=` and `?to=`
  narrow it. `to` is the bare address (no `whatsapp:`), `id` the message SID or `chat:message`.
  `DELETE /sent` forgets all messages.
* `POST /api/inbound {channel, from, name?, text?, media?}` says something as a Mitra and returns
  `{status, external_id, error}`; `status` is the app's answer to the signed webhook, null when nobody
  answered. `media` is a list of `"photo"`, `"voice"` (samples) or `{content_type, base64, filename?}`.
  `press` (callback data, on WhatsApp the id of a button or row) with `press_on` (message id) presses a button;
  `contact` gives a number on Telegram.
* `POST /api/contents/<sid> {status}` lets WhatsApp approve (or reject …) a template;
  `DELETE /api/contents` forgets what clients had the Content API keep.
* `GET /api/conversations?channel=&phone=` lists the bubbles of a phone with their ticks.
* `GET /faults` shows the faults in force. `POST /faults` replaces them; `{}` or `DELETE /faults` ends them:

| name | does |
| --- | --- |
| `delay_seconds` | every provider API answer waits this long |
| `fail_next` | the next n sends are refused: `fail_status` (503), `fail_code` (Twilio's), |
| | `fail_description`, `retry_after` (Telegram's 429) |
| `drop_connection_next` | the next n sends get no answer: the connection is cut |
| `broken_json_next` | the next n sends get a 201 whose body does not parse |
| `accept_before_fault` | those three accept the message first: sent, though the client cannot know |
| `media_missing_next` | the next n media or getFile requests answer 404 (400 at Telegram) |
| `repeat_webhooks` | every webhook (message or status) is posted n more times |
| `reorder_statuses` | statuses arrive last first |
| `drop_statuses` | no status is told |
| `drop_inbound` | a Mitra's message is in the provider's list, but its webhook is lost |
| `final_status` | statuses end here: sent, delivered, read, undelivered, failed |
| `error_code` | ErrorCode of undelivered and failed (30008) |
"""
