"""The addresses of batch definitions."""

from django.urls import path

from counterfoil.web.definitions import counting, views

urlpatterns = [
    path("definitions/", views.definitions, name="definitions"),
    path("definitions/new", views.new, name="definition-new"),
    path("definitions/typed", counting.typed, name="definition-typed"),
    path("definitions/count", counting.count_more, name="definition-count-more"),
    path("definitions/<int:key>", views.definition, name="definition"),
    path("definitions/<int:key>/count", counting.counted, name="definition-count"),
    path("definitions/<int:key>/edit", views.edit, name="definition-edit"),
    path("definitions/<int:key>/copy", views.copy, name="definition-copy"),
    path("definitions/<int:key>/switch", views.switch, name="definition-switch"),
    path("definitions/<int:key>/let-through", views.let_through, name="definition-let-through"),
]
