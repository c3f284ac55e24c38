"""The addresses of users and of API tokens."""

from django.urls import path

from counterfoil.web.people import own, tokens, views

urlpatterns = [
    path("users/", views.users, name="users"),
    path("users/new", views.new, name="user-new"),
    path("users/<int:key>", views.user, name="user"),
    path("users/<int:key>/edit", views.edit, name="user-edit"),
    path("users/<int:key>/password", views.password, name="user-password"),
    path("users/<int:key>/second-factor", views.forget_second_factor, name="user-second-factor"),
    path("users/<int:key>/switch-off", views.switch_off, name="user-switch-off"),
    path("users/<int:key>/switch-on", views.switch_on, name="user-switch-on"),
    path("your-settings", own.own_settings, name="own-settings"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/new", tokens.new, name="token-new"),
    path("tokens/<int:key>/revoke", tokens.revoke, name="token-revoke"),
]
