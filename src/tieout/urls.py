"""Every address of the web face."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

# The administration signs in where everybody does: with the same limits and the same second factor.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign, no-untyped-call]

urlpatterns = [
    path("", include("tieout.console.urls")),
    path("", include("tieout.console.account_urls")),
    path("admin/", admin.site.urls),
]
