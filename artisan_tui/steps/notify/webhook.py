"""A webhook of your own: versioned JSON by POST, any 2xx is a success, no redirects, 10 s.

With a ``secret`` the header ``Artisan-Signature: t=SECONDS,v1=HEX`` has the HMAC-SHA256 of ``SECONDS.BODY``, so that a
receiver can refuse what is forged or old. ``Artisan-Id`` is the same at every try: a receiver that saw it leaves it.
"""

from __future__ import annotations

import hashlib
import hmac
import json

from artisan_tui.config.notify import WebhookChannel
from artisan_tui.config.secret import SecretMissing
from artisan_tui.domain.notify.outcome import Came, SendOutcome
from artisan_tui.steps.notify.channel import Dispatch, Reveal
from artisan_tui.steps.notify.document import document
from artisan_tui.steps.notify.http import meaning, post, read_url


class WebhookSender:
    def __init__(self, spec: WebhookChannel, reveal: Reveal) -> None:
        self._spec, self._reveal = spec, reveal

    async def send(self, dispatch: Dispatch) -> SendOutcome:
        try:
            url = read_url(self._reveal("url"), "url")
            secret = self._reveal("secret") if self._spec.secret is not None else ""
        except SecretMissing as missing:
            return SendOutcome(Came.FAILED, str(missing), broken=True)
        body = json.dumps(document(dispatch), ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8", "Artisan-Id": dispatch.first.id}
        if secret:
            headers["Artisan-Signature"] = signature(secret, int(dispatch.at.timestamp()), body)
        answer = await post("the webhook", url, body, headers, ca_file=self._spec.ca_file)
        if isinstance(answer, SendOutcome):
            return answer
        if 200 <= answer.status < 300:
            return SendOutcome(Came.SENT)
        return meaning(answer, "the webhook")


def signature(secret: str, seconds: int, body: bytes) -> str:
    """The value of ``Artisan-Signature``. ``seconds`` since 1970 UTC."""
    digest = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


def open(spec: WebhookChannel, reveal: Reveal) -> WebhookSender:
    return WebhookSender(spec, reveal)
