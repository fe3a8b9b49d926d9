"""Signing in and one's own account: those of allauth's pages that Tieout has. No sign-up, no e-mail flows."""

from __future__ import annotations

from allauth.account import views
from django.urls import include, path

urlpatterns = [
    path("sign-in/", views.login, name="account_login"),
    path("sign-out/", views.logout, name="account_logout"),
    path("account/password/", views.password_change, name="account_change_password"),
    path("account/confirm/", views.reauthenticate, name="account_reauthenticate"),
    path("account/closed/", views.account_inactive, name="account_inactive"),
    path("account/two-factor/", include("allauth.mfa.urls")),
]
