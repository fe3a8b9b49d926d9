from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "tieout.console"
    label = "console"

    def ready(self) -> None:
        from tieout.console import access  # noqa: F401, PLC0415 - its receiver listens from here on
