"""The addresses of events, meters and readings."""

from django.urls import path, register_converter

from counterfoil.records.charges.models import EventKind
from counterfoil.web.events import meters, readings, views


class EventKindConverter:
    """A kind of event in an address."""

    regex = "|".join(EventKind.values)

    def to_python(self, value: str) -> str:
        """Return the kind named in the address."""
        return value

    def to_url(self, value: str) -> str:
        """Return how an address names the kind."""
        return value


register_converter(EventKindConverter, "eventkind")

urlpatterns = [
    path("activations/", views.activations, name="activations"),
    path("work-orders/", views.work_orders, name="work-orders"),
    path("dispatch-and-sales/", views.others, name="dispatch-and-sales"),
    path("events/<int:key>", views.event, name="event"),
    path("events/<int:key>/edit", views.edit, name="event-edit"),
    path("events/new/<eventkind:kind>", views.new, name="event-new"),
    path("events/chargeable", views.chargeable, name="events-chargeable"),
    path("events/not-chargeable", views.not_chargeable, name="events-not-chargeable"),
    path("meters/", meters.meters, name="meters"),
    path("meters/readings", readings.sheet, name="readings"),
    path("meters/<int:key>/judged", readings.judged, name="reading-judged"),
    path("meters/new", meters.new, name="meter-new"),
    path("meters/<int:key>", meters.meter, name="meter"),
    path("meters/<int:key>/edit", meters.edit, name="meter-edit"),
    path("meters/<int:key>/readings/new", meters.reading_new, name="reading-new"),
]
