from django.apps import AppConfig
from django.contrib.admin import apps


class StaffConfig(AppConfig):
    name = "sdsite.staff"
    default = True


class SiteConfig(apps.AdminConfig):
    """Django's admin, with a site of ours."""

    default = False
    default_site = "sdsite.staff.site.StaffSite"
