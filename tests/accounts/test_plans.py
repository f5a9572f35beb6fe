"""What holds for a user: the own overrides, the plan, the service."""

from typing import Any

import pytest
from django.db import IntegrityError, models

from accounts.models import AuthToken, Plan, PlanOverrides, Terms, User
from tests.conftest import PASSWORD

SMALL = {
    "allowance": 10,
    "max_pixels": 4096,
    "max_steps": 20,
    "max_images": 2,
    "max_unfinished": 3,
    "rate_limit": 4,
    "retention_days": 6,
    "priority": 5,
}


@pytest.fixture
def small(alice: User) -> Plan:
    """A plan with a number for everything, which is Alice's."""
    plan = Plan.objects.create(name="Small", **SMALL)
    alice.plan = plan
    alice.save()
    return plan


def test_without_a_plan_the_service_gives_the_same_to_all(alice: User, settings: Any) -> None:
    settings.DEFAULT_ALLOWANCE, settings.MAX_PIXELS, settings.MAX_STEPS = 7, 8192, 30
    settings.MAX_IMAGES, settings.DEFAULT_UNFINISHED, settings.DEFAULT_RATE_LIMIT = 4, 5, 6
    settings.PICTURES_RETENTION_DAYS = 7
    assert alice.terms == Terms(
        plan=None,
        allowance=7,
        max_pixels=8192,
        max_steps=30,
        max_images=4,
        max_unfinished=5,
        rate_limit=6,
        retention_days=7,
        priority=0,
    )
    assert Terms.of() == alice.terms


def test_a_plan_says_all_of_it(alice: User, small: Plan) -> None:
    assert alice.terms == Terms(plan="Small", **SMALL)


@pytest.mark.parametrize("name", SMALL)
def test_what_a_plan_leaves_open_is_the_services(alice: User, small: Plan, name: str) -> None:
    setattr(small, name, None)
    assert getattr(alice.terms, name) == getattr(Terms.of(), name)


@pytest.mark.parametrize("name", SMALL)
def test_overrides_come_before_the_plan_one_by_one(alice: User, small: Plan, name: str) -> None:
    PlanOverrides.objects.create(user=alice, **{name: 1})
    assert alice.terms == Terms(plan="Small", **SMALL | {name: 1})


def test_nothing_is_taken_for_a_number(alice: User, small: Plan) -> None:
    """Zero is not the same as empty."""
    PlanOverrides.objects.create(user=alice, allowance=0, priority=0)
    assert (alice.terms.allowance, alice.terms.priority) == (0, 0)


def test_overrides_work_without_a_plan(alice: User) -> None:
    PlanOverrides.objects.create(user=alice, max_steps=3)
    assert (alice.terms.max_steps, alice.terms.plan) == (3, None)


def test_nobody_may_do_more_than_the_service_can(alice: User, settings: Any) -> None:
    most = 2**31 - 1
    numbers = dict.fromkeys(("max_pixels", "max_steps", "max_images", "max_unfinished"), most)
    PlanOverrides.objects.create(user=alice, **numbers)
    terms = alice.terms
    assert (terms.max_pixels, terms.max_steps) == (settings.MAX_PIXELS, settings.MAX_STEPS)
    assert (terms.max_images, terms.max_unfinished) == (settings.MAX_IMAGES, settings.QUEUE_LIMIT)


def test_a_token_brings_the_terms_along(alice: User, small: Plan, django_assert_num_queries: Any) -> None:
    token, secret = AuthToken.objects.issue(alice)
    token.touch()
    with django_assert_num_queries(1):
        assert AuthToken.objects.redeem(secret).user.terms.plan == "Small"


def test_new_users_get_the_default_plan(db: None) -> None:
    Plan.objects.create(name="Other")
    assert User.objects.create_user("dave@example.com", PASSWORD).plan is None
    default = Plan.objects.create(name="Free", is_default=True)
    assert User.objects.create_user("erin@example.com", PASSWORD).plan == default


def test_there_is_one_default_plan(db: None) -> None:
    Plan.objects.create(name="Free", is_default=True)
    with pytest.raises(IntegrityError):
        Plan.objects.create(name="Also free", is_default=True)


def test_a_plan_with_users_stays(alice: User, small: Plan) -> None:
    with pytest.raises(models.ProtectedError):
        small.delete()
