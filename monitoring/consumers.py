"""The socket of a monitoring page: alerts and figures as they happen, resumed from a cursor."""

import json
import re
from urllib.parse import parse_qs

from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from monitoring.live.hub import hub
from monitoring.selectors.alerts import alerts_after, alerts_as_messages, newest_alert_id
from tenants.permissions import Permission
from tenants.websockets import in_tenant, may

FORBIDDEN = 4403
_ALERT_ID = re.compile("[0-9]{1,18}")
NOT_AN_ALERT = gettext_noop("This is not the number of an alert; you see what happens from now on.")
SEND_AN_ALERT = gettext_noop("Send the number of the last alert that you have, or leave it out.")
NOT_UNDERSTOOD = gettext_noop("This message is not understood here.")
SEND_A_PING = gettext_noop('Send {"type": "ping"}.')


class MonitoringConsumer(AsyncWebsocketConsumer):
    """`?after=ID&lang=en`: everything after alert ID, then what happens; only what happens without.

    Sends `{"type": "alert", "id", "severity", "title", "body", …}` and `{"type": "figures", …}`.
    Takes `{"type": "ping"}` and answers with `{"type": "pong", "cursor": ID}`; whatever else it is
    sent, and an `after` that is no alert's ID, it answers with `{"type": "error", "field", "code",
    "detail", "mend"}` and goes on. Closes with 4403 when the person may not watch, also when the
    right is withdrawn while the socket is open.
    """

    async def connect(self):
        self.tenant = self.scope["tenant"]
        self.joined = self.live = self.behind = False
        if not await may(self.scope, Permission.VIEW_MONITORING):
            await self.close(FORBIDDEN)
            return
        query = parse_qs(self.scope["query_string"].decode("latin-1"))
        wanted = query.get("lang", [""])[0]
        self.language = wanted if wanted in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        after = query.get("after", [""])[0]
        known = _ALERT_ID.fullmatch(after)
        self.cursor = int(after) if known else await in_tenant(self.tenant, newest_alert_id)
        await self.accept()
        if after and not known:
            await self._complain("after", "not_an_alert", NOT_AN_ALERT, SEND_AN_ALERT)
        self.joined = True
        await hub().join(self)
        await self._catch_up()

    async def disconnect(self, code):
        if getattr(self, "joined", False):
            await hub().leave(self)

    async def receive(self, text_data=None, bytes_data=None):
        if not await may(self.scope, Permission.VIEW_MONITORING):
            await self.refuse()
            return
        try:
            message = json.loads(text_data or "")
        except (ValueError, RecursionError):  # no JSON, or nested beyond reading
            message = None
        if not isinstance(message, dict) or message.get("type") != "ping":
            await self._complain("type", "not_understood", NOT_UNDERSTOOD, SEND_A_PING)
            return
        await self.push_text(json.dumps({"type": "pong", "cursor": self.cursor}))

    async def _catch_up(self):
        """Send what was missed; go live only when nothing new came in between."""
        while not self.live:
            self.behind = False
            alerts = await in_tenant(self.tenant, alerts_after, self.cursor)
            await self._send(alerts_as_messages(alerts, self.language))
            self.live = not alerts and not self.behind

    async def push_alerts(self, messages):
        """From the room: alerts in this socket's language, oldest first."""
        if not self.live:
            self.behind = True  # catching up will read them
            return
        await self._send([message for message in messages if message["id"] > self.cursor])

    async def push_text(self, text):
        await self.send(text_data=text)

    async def refuse(self):
        await self.close(FORBIDDEN)

    async def _complain(self, field, code, detail, mend):
        with translation.override(self.language):
            error = {"field": field, "code": code, "detail": _(detail), "mend": _(mend)}
        await self.push_text(json.dumps({"type": "error"} | error, ensure_ascii=False))

    async def _send(self, messages):
        for message in messages:
            self.cursor = message["id"]
            await self.push_text(json.dumps(message, ensure_ascii=False))
