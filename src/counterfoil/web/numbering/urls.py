"""The addresses of numbering and closing."""

from django.urls import path

from counterfoil.web.numbering import views

urlpatterns = [
    path("numbering/", views.numbering, name="numbering"),
    path("numbering/example", views.show_example, name="numbering-example"),
    path("numbering/<str:branch>/<slug:document_type>", views.edit, name="numbering-edit"),
    path("closing", views.closing, name="closing"),
]
