"""How a message is signed, by the Standard Webhooks specification (version 1, symmetric), so that receivers use ready libraries.

    webhook-id         the same for every attempt: who has seen it, drops it
    webhook-timestamp  seconds; a receiver refuses what is older than some minutes
    webhook-signature  "v1," and base64 of HMAC-SHA256 over "ID.TIMESTAMP.BODY" with the secret
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Final

PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signed_headers(secret: str, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    digest = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {"webhook-id": message_id, "webhook-timestamp": str(timestamp), "webhook-signature": signature}
