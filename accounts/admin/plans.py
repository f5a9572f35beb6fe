"""Plans, and what a single user may do beside the plan. The limits of quotas follow at once."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.forms import ModelForm
from django.http import HttpRequest

from accounts.models import Plan, PlanOverrides, Quota, User

TERMS = (
    "allowance",
    ("max_pixels", "max_steps", "max_images"),
    ("max_unfinished", "rate_limit"),
    ("priority", "retention_days"),
)


class PlanOverridesInline(admin.StackedInline):
    model = PlanOverrides
    fieldsets = [(None, {"fields": TERMS, "description": "Empty means what the plan says."})]


@admin.register(Plan)
class PlanAdmin(admin.ModelAdmin):
    list_display = [
        "name",
        "is_default",
        "number_of_users",
        "allowance",
        "max_pixels",
        "max_steps",
        "max_images",
        "max_unfinished",
        "rate_limit",
        "priority",
        "retention_days",
    ]
    search_fields = ["name", "description"]
    fieldsets = [
        (None, {"fields": ["name", "description", "is_default"]}),
        ("What it allows", {"fields": TERMS, "description": "Empty means what the service's settings say."}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Plan]:
        """Users are counted in the index of their plans: a join would read them all."""
        users = User.objects.filter(plan=OuterRef("pk")).order_by().values("plan")
        number = Coalesce(Subquery(users.annotate(number=Count("*")).values("number")), 0)
        return super().get_queryset(request).annotate(number_of_users=number)

    @admin.display(description="users", ordering="number_of_users")
    def number_of_users(self, plan: Any) -> int:
        return plan.number_of_users

    def save_model(self, request: HttpRequest, obj: Plan, form: ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "allowance" in form.changed_data:
            Quota.objects.filter(user__plan=obj).follow_terms()
