"""Addresses that stand in letters."""

from django.http import HttpRequest
from django.urls import reverse
from rest_framework.request import Request


def entrance(request: HttpRequest | Request) -> str:
    """The address of the page where people come in, as this request reached us."""
    return request.build_absolute_uri(reverse("session"))
