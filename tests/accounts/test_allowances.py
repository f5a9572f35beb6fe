"""How a quota's limit follows plan and overrides, at once and at the turn of the period."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from importlib import import_module
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.exceptions import QuotaExhausted
from accounts.models import Plan, PlanOverrides, Quota, User
from tests.conftest import PASSWORD

ALLOWANCE = 20


@pytest.fixture
def plan(alice: User) -> Plan:
    """Alice's plan."""
    plan = Plan.objects.create(name="Small", allowance=ALLOWANCE)
    User.objects.filter(pk=alice.pk).update(plan=plan)
    alice.refresh_from_db()
    return plan


def counters() -> tuple[int, int]:
    quota = Quota.objects.get()
    return quota.limit, quota.used


def fields_of(user: User, **changes: Any) -> dict[str, Any]:
    """The form of a user's page in admin, which has one line for the overrides."""
    form = {
        "email": user.email,
        "display_name": user.display_name,
        "plan": user.plan_id or "",
        "is_active": "on",
        "overrides-TOTAL_FORMS": 1,
        "overrides-INITIAL_FORMS": 0,
        "overrides-0-user": str(user.pk),
        "quota-TOTAL_FORMS": 0,
        "quota-INITIAL_FORMS": 0,
    }
    return form | changes


def save(staff: APIClient, user: User, **changes: Any) -> None:
    url = f"/admin/accounts/user/{user.pk}/change/"
    page = staff.post(url, fields_of(user, **changes), format="multipart")
    assert page.status_code == 302, page.content.decode()


def test_the_first_quota_is_the_plans(alice: User, plan: Plan) -> None:
    assert Quota.objects.current(alice).limit == ALLOWANCE


def test_a_new_period_takes_what_holds_by_then(alice: User, plan: Plan) -> None:
    """Even by a user who was read before the plan was changed."""
    Quota.objects.reserve(alice, 5, generation=uuid4())
    Plan.objects.update(allowance=7)
    Quota.objects.update(resets_at=timezone.now() - timedelta(seconds=1))
    Quota.objects.current(alice)
    assert counters() == (7, 0)


def test_another_plan_holds_at_once(as_carol: APIClient, alice: User, plan: Plan) -> None:
    Quota.objects.reserve(alice, 5, generation=uuid4())
    large = Plan.objects.create(name="Large", allowance=500)
    save(as_carol, alice, plan=large.pk)
    assert counters() == (500, 5)


def test_a_smaller_plan_leaves_what_is_used(as_carol: APIClient, alice: User, plan: Plan) -> None:
    taken = Quota.objects.reserve(alice, 15, generation=uuid4())
    save(as_carol, alice, plan=Plan.objects.create(name="Tiny", allowance=3).pk)
    assert counters() == (15, 15)
    with pytest.raises(QuotaExhausted):
        Quota.objects.reserve(alice, 1, generation=uuid4())
    Quota.objects.refund(alice, taken)
    call_command("verify_ledger")


def test_overrides_are_given_and_taken_in_admin(as_carol: APIClient, alice: User, plan: Plan) -> None:
    Quota.objects.current(alice)
    save(as_carol, alice, **{"overrides-0-allowance": 50, "overrides-0-max_steps": 9})
    assert counters() == (50, 0)
    alice = User.objects.get(pk=alice.pk)
    assert (alice.terms.max_steps, alice.terms.plan) == (9, "Small")
    given = {"overrides-INITIAL_FORMS": 1, "overrides-0-id": alice.overrides.pk, "overrides-0-DELETE": "on"}
    save(as_carol, alice, **given)
    assert counters() == (ALLOWANCE, 0)


def test_a_changed_plan_reaches_all_who_have_it(
    as_carol: APIClient, alice: User, bob: User, plan: Plan
) -> None:
    for user in (alice, bob):
        Quota.objects.current(user)
    url = f"/admin/accounts/plan/{plan.pk}/change/"
    assert as_carol.post(url, {"name": "Small", "allowance": 30}, format="multipart").status_code == 302
    assert Quota.objects.get(user=alice).limit == 30
    assert Quota.objects.get(user=bob).limit == 100


@pytest.mark.parametrize("number", [-1, 2**31, 10**30, "many"])
def test_an_allowance_that_cannot_be_is_refused(as_carol: APIClient, db: None, number: Any) -> None:
    form = {"name": "Odd", "allowance": number}
    page = as_carol.post("/admin/accounts/plan/add/", form, format="multipart")
    assert "errornote" in page.content.decode()
    assert not Plan.objects.exists()


def test_plans_show_how_many_have_them(as_carol: APIClient, alice: User, plan: Plan) -> None:
    page = as_carol.get("/admin/accounts/plan/").content.decode()
    assert re.search(r"field-number_of_users[^>]*>1<", page)


def test_staff_find_users_by_plan_and_add_them_with_the_default(
    as_carol: APIClient, alice: User, plan: Plan
) -> None:
    page = as_carol.get(f"/admin/accounts/user/?plan__id__exact={plan.pk}").content.decode()
    assert "alice@example.com" in page
    assert "carol@example.com</a>" not in page
    Plan.objects.update(is_default=True)
    assert (
        f'<option value="{plan.pk}" selected>' in as_carol.get("/admin/accounts/user/add/").content.decode()
    )


def test_nobody_writes_into_a_limit(as_carol: APIClient, alice: User) -> None:
    url = f"/admin/accounts/quota/{Quota.objects.current(alice).pk}/change/"
    assert as_carol.post(url, {"limit": 10**6}, format="multipart").status_code == 403


def test_limits_given_by_hand_before_there_were_plans_are_kept(alice: User, bob: User) -> None:
    for user in (alice, bob):
        Quota.objects.current(user)
    Quota.objects.filter(user=alice).update(limit=500)
    import_module("accounts.migrations.0006_keep_limits").keep_limits(apps, None)
    overrides = PlanOverrides.objects.get()
    assert (overrides.user, overrides.allowance) == (alice, 500)


def test_changing_the_allowance_under_charges_never_fails(transactional_db: None) -> None:
    """One who lowers and raises the plan meets four who charge and give back."""
    plan = Plan.objects.create(name="Small", allowance=ALLOWANCE)
    user = User.objects.create_user("erin@example.com", PASSWORD, plan=plan)
    Quota.objects.current(user)

    def charge() -> None:
        for _ in range(30):
            try:
                taken = Quota.objects.reserve(user, 3, generation=uuid4())
            except QuotaExhausted:
                continue
            Quota.objects.refund(user, taken)

    def change() -> None:
        for allowance in [1, 50] * 30:
            Plan.objects.update(allowance=allowance)
            Quota.objects.filter(user=user).follow_terms()

    def run(task: Any) -> None:
        try:
            task()
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        list(pool.map(run, [change, *[charge] * 4]))
    assert counters() == (50, 0)
    call_command("verify_ledger")
