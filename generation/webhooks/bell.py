"""Rings when there is something to deliver. It lies below the models, which ring it after the commit."""

from threading import Event

bell = Event()
