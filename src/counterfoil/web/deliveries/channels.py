"""What people call the ways by which documents go out."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from counterfoil.connectors.registry import CONNECTORS
from counterfoil.records.deliveries.models import EMAIL
from counterfoil.web.definitions.forms import CONNECTOR_NAMES


def channel_name(channel: str) -> str:
    """Return what *channel* is called: e-mail, or a connector by its title."""
    return str(_("E-mail") if channel == EMAIL else CONNECTOR_NAMES.get(channel, channel))


def channel_choices() -> list[tuple[str, str]]:
    """Return all channels there are, each with what it is called."""
    return [(name, channel_name(name)) for name in (EMAIL, *CONNECTORS)]
