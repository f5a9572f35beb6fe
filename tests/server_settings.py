"""The settings of a server that the tests start: those of the service, but that passwords take no time."""

from sdsite.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
