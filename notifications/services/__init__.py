"""Our own services for Apprise, beside its own, under schemes of their own.

They answer for what Apprise's own do not: a refusal that comes with HTTP 200, signatures, cards with buttons,
limits in bytes. People write the addresses they know (dingtalk://, slack://); `served` says which service
that means here.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final, cast

SERVED: Final[Mapping[str, str]] = {
    "dingtalk": "dingcard",
    "feishu": "feishucard",
    "lark": "larkcard",
    "wecombot": "wecomcard",
    "slack": "slackcard",
    "teams": "teamscard",
    "ntfy": "ntfycard",
    "ntfys": "ntfycards",
    "mailto": "casemail",
    "mailtos": "casemails",
    "json": "casejson",
    "jsons": "casejsons",
}


def served(url: str) -> str:
    """The address as Apprise is to read it: for our own service where there is one, else as it is."""
    scheme, mark, rest = url.partition("://")
    return f"{SERVED.get(scheme.lower(), scheme)}{mark}{rest}"


@cache
def register() -> None:
    """Makes our services known to Apprise; its own stay as they are. Once in a process."""
    from apprise import NotificationManager  # noqa: PLC0415 - loads only where something is sent

    from notifications.services.dingtalk import DingTalk  # noqa: PLC0415
    from notifications.services.feishu import Feishu, Lark  # noqa: PLC0415
    from notifications.services.mail import Mail  # noqa: PLC0415
    from notifications.services.ntfy import Ntfy  # noqa: PLC0415
    from notifications.services.slack import Slack  # noqa: PLC0415
    from notifications.services.teams import Teams  # noqa: PLC0415
    from notifications.services.webhook import Webhook  # noqa: PLC0415
    from notifications.services.wecom import WeCom  # noqa: PLC0415

    manager = cast("Any", NotificationManager())
    for service in (DingTalk, Feishu, Lark, WeCom, Slack, Teams, Ntfy, Mail, Webhook):
        manager.add(service)
