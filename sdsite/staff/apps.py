from django.apps import AppConfig
from django.contrib.admin import apps
from django.db.models.signals import post_migrate
from django_otp.plugins.otp_static import apps as otp_static_apps
from django_otp.plugins.otp_totp import apps as otp_totp_apps

from sdsite.staff.groups import make_groups


class StaffConfig(AppConfig):
    name = "sdsite.staff"
    default = True

    def ready(self) -> None:
        """The signal is not sent for an app without models, as this one; admin's comes after those of our rooms."""
        assert self.apps is not None
        post_migrate.connect(make_groups, sender=self.apps.get_app_config("admin"))


class SiteConfig(apps.AdminConfig):
    """Django's admin, with a site of ours."""

    default = False
    default_site = "sdsite.staff.site.StaffSite"
    verbose_name = "Audit trail"


class DevicesConfig(otp_totp_apps.DefaultConfig):
    default = False
    verbose_name = "Second step: devices"


class RecoveryConfig(otp_static_apps.DefaultConfig):
    default = False
    verbose_name = "Second step: recovery codes"
