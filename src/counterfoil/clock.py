"""The clock. Only the edges (web, API, jobs, commands) read it; everything below is told the time."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """Return the present moment, in UTC."""
    return datetime.now(UTC)


def today(zone: str) -> date:
    """Return today's civil date in the IANA time zone *zone*, the organisation's."""
    return datetime.now(ZoneInfo(zone)).date()
