"""How many queries what is asked most often takes: status, again and again, and drawing."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from generation.engine import Engine
from generation.models import Generation
from generation.work.worker import Worker


@pytest.fixture
def look(as_alice: APIClient) -> Callable[[Generation], Any]:
    return lambda generation: as_alice.get(f"/api/v1/generations/{generation.id}?images=url").json()


@pytest.mark.django_db(transaction=True)
def test_a_look_at_what_is_done_reads_the_token_the_row_and_its_pictures(
    submit: Callable[..., Generation],
    use_engine: Callable[[str], Engine],
    look: Callable[[Generation], Any],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    use_engine("Noise")
    generation = submit()
    Worker().draw_next()
    look(generation)
    with django_assert_num_queries(3):
        shown = look(generation)
    assert (shown["status"], len(shown["images"])) == ("succeeded", 1)


def test_a_look_at_what_is_being_drawn_reads_no_pictures(
    submit: Callable[..., Generation],
    look: Callable[[Generation], Any],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    generation = submit()
    Generation.objects.claim()
    look(generation)
    with django_assert_num_queries(2):
        assert look(generation)["status"] == "running"


@pytest.mark.django_db(transaction=True)
def test_who_wants_to_be_told_of_nothing_costs_the_worker_no_query(
    submit: Callable[..., Generation], use_engine: Callable[[str], Engine]
) -> None:
    use_engine("Noise")
    submit()
    with CaptureQueriesContext(connection) as queries:
        assert Worker().draw_next()
    assert not [query for query in queries if 'FROM "generation_webhook"' in query["sql"]]
