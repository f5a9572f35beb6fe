"""The admin site: Django's, with a name of its own."""

from django.contrib.admin import AdminSite


class StaffSite(AdminSite):
    site_header = site_title = "Stable Diffusion service"
    index_title = "Overview"
