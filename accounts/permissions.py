"""What a token may be used for."""

from typing import Any

from django.utils.translation import gettext
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts.models import AuthToken, Scope


class HasScope(BasePermission):
    """A token has to have the view's `scope`; where the view names none, `read` to see and `account` to change."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not isinstance(request.auth, AuthToken):
            return True
        needed = getattr(view, "scope", Scope.READ if request.method in SAFE_METHODS else Scope.ACCOUNT)
        self.message = gettext("This token has not the scope `{scope}`.").format(scope=needed)
        return needed in request.auth.scopes
