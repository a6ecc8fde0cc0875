"""Whom alarms reach, made from the settings."""

from notifications.channels import AppriseChannel
from runtime.settings import Settings
from runtime.watch import Operator


def operator(settings: Settings) -> Operator:
    return Operator(
        url=settings.alert_url,
        channel=AppriseChannel(),
        language=settings.language,
        zone=settings.zone,
        place=f"{settings.public_url} · {settings.database_shown}",
    )
