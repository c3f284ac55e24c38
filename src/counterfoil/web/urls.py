"""The addresses of the web pages. Each subject has its own file; this one joins them."""

from django.urls import path

from counterfoil.web.layout import branches, search, views

urlpatterns = [
    path("search", search.search, name="search"),
    path("running", views.running, name="running"),
    path("branch", branches.choose_branch, name="choose-branch"),
]
