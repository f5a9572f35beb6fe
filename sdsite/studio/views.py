"""What each page is made of. None asks the database for more than who is looking at it."""

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView


@method_decorator(never_cache, name="dispatch")
class Page(TemplateView):
    """A page that is open: whoever has not signed in is shown what there is, and how to come in."""

    name = ""

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(page=self.name, **context)

    def get_template_names(self) -> list[str]:
        return [f"studio/{self.name}.html"]


class PrivatePage(LoginRequiredMixin, Page):
    """A page of one's own things: whoever has not signed in is sent to do so, and then back."""
