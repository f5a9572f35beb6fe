"""What plan and overrides allow holds for every way to a picture."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import AuthToken, Plan, PlanOverrides, Quota, User
from generation.api.examples import EXAMPLE_IMAGE, EXAMPLE_MASK
from generation.engine import Engine
from generation.engine.ticket import Ticket
from generation.exceptions import TooManyUnfinished
from generation.models import Generation, Origin
from generation.params import GenerationParams
from tests.conftest import PASSWORD
from tests.problems import problem_of, refused_fields

URL = "/api/v1/text-to-image-generator"
BODY = {"prompt": "a red house", "width": 64, "height": 64, "num_inference_steps": 2}
PATHS: list[tuple[str, dict[str, Any]]] = [
    ("text-to-image-generator", BODY),
    ("image-manipulator1", BODY | {"image": EXAMPLE_IMAGE}),
    ("image-manipulator2", BODY | {"image": EXAMPLE_IMAGE, "mask": EXAMPLE_MASK}),
]
AT_ONCE = 20
MOST = 3

Submit = Callable[..., Generation]
UseEngine = Callable[[str], Engine]


@pytest.fixture
def small(alice: User, use_engine: UseEngine) -> PlanOverrides:
    """Overrides of Alice's, with an engine that draws noise."""
    use_engine("Noise")
    return PlanOverrides.objects.create(
        user=alice, max_pixels=64 * 64, max_steps=2, max_images=1, max_unfinished=1
    )


@pytest.mark.parametrize(("path", "body"), PATHS)
def test_what_is_allowed_is_drawn(
    as_alice: APIClient, small: PlanOverrides, path: str, body: dict[str, Any]
) -> None:
    assert as_alice.post(f"/api/v1/{path}", body).status_code == 200


@pytest.mark.parametrize(("path", "body"), PATHS)
@pytest.mark.parametrize(
    ("field", "value", "code", "most"),
    [
        ("width", 72, "max_pixels", 4096),
        ("num_inference_steps", 3, "max_steps", 2),
        ("num_images", 2, "max_images", 1),
    ],
)
def test_each_limit_is_refused_by_its_field(
    as_alice: APIClient,
    small: PlanOverrides,
    path: str,
    body: dict[str, Any],
    field: str,
    value: int,
    code: str,
    most: int,
) -> None:
    answer = as_alice.post(f"/api/v1/{path}", body | {field: value})
    assert refused_fields(answer) == {field: code}
    assert f"at most {most} for this account" in answer.json()["errors"][0]["message"]
    assert not Generation.objects.exists()


def test_all_that_is_too_much_is_told_at_once(as_alice: APIClient, small: PlanOverrides) -> None:
    answer = as_alice.post(URL, BODY | {"height": 128, "num_inference_steps": 9, "num_images": 8})
    assert refused_fields(answer).keys() == {"width", "num_inference_steps", "num_images"}


def test_the_limits_are_the_users_own(as_bob: APIClient, small: PlanOverrides) -> None:
    assert as_bob.post(URL, BODY | {"num_inference_steps": 3, "num_images": 2}).status_code == 200


def test_the_models_own_steps_are_no_way_around(as_alice: APIClient, small: PlanOverrides) -> None:
    PlanOverrides.objects.update(max_steps=1)
    body = {name: value for name, value in BODY.items() if name != "num_inference_steps"}
    assert refused_fields(as_alice.post(URL, body)) == {"num_inference_steps": "max_steps"}


def test_who_has_enough_under_way_waits(
    as_alice: APIClient, as_bob: APIClient, alice: User, small: PlanOverrides, submit: Submit
) -> None:
    generation = submit()
    answer = as_alice.post(URL, BODY)
    assert "At most 1 " in problem_of(answer, 429, "too_many_unfinished")["detail"]
    assert int(answer["Retry-After"]) > 0
    assert Quota.objects.get(user=alice).used == 1
    assert alice.ledger.count() == 1
    assert as_bob.post(URL, BODY).status_code == 200
    generation.fail("generation_failed")
    assert as_alice.post(URL, BODY).status_code == 200


def test_what_a_token_may_spend_is_not_touched_by_a_refusal(
    alice: User, small: PlanOverrides, submit: Submit, params: Callable[..., GenerationParams]
) -> None:
    submit()
    token, _ = AuthToken.objects.give(alice, "job", credit_cap=5)
    with pytest.raises(TooManyUnfinished):
        Generation.objects.submit(
            alice, params(), model="tiny", cost=1, origin=Origin("request"), token=token
        )
    token.refresh_from_db()
    assert token.spent == 0


@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_as_many_as_may_be_under_way(params: Callable[..., GenerationParams]) -> None:
    plan = Plan.objects.create(name="Small", max_unfinished=MOST)
    user = User.objects.create_user("erin@example.com", PASSWORD, plan=plan)

    def accepted(_: int) -> bool:
        try:
            fresh = User.objects.select_related("quota", "plan", "overrides").get(pk=user.pk)
            Generation.objects.submit(fresh, params(), model="tiny", cost=1, origin=Origin("request"))
        except TooManyUnfinished:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for number in range(1, 4):
            assert sum(pool.map(accepted, range(AT_ONCE))) == MOST
            assert Generation.objects.update(status="succeeded") == MOST * number
    assert Quota.objects.get().used == 3 * MOST
    assert not Quota.objects.unexplained().exists()


def test_the_limits_are_shown(as_alice: APIClient, alice: User, small: PlanOverrides) -> None:
    User.objects.filter(pk=alice.pk).update(plan=Plan.objects.create(name="Studio", rate_limit=7))
    account = as_alice.get("/api/v1/account").json()
    assert account["plan"] == "Studio"
    assert account["limits"] == {
        "max_pixels": 4096,
        "max_steps": 2,
        "max_images": 1,
        "max_unfinished": 1,
        "rate_limit": 7,
        "retention_days": 0,
    }


def test_capabilities_are_those_of_the_caller(
    as_alice: APIClient, nobody: APIClient, small: PlanOverrides
) -> None:
    def shown(client: APIClient) -> list[int]:
        limits = client.get("/api/v1/capabilities").json()["limits"]
        return [limits[name] for name in ("max_pixels", "max_num_inference_steps", "max_num_images")]

    assert shown(as_alice) == [4096, 2, 1]
    assert shown(nobody) == [1048576, 150, 8]


@pytest.mark.parametrize("path", ["register", "text-to-image-generator"])
def test_nobody_chooses_a_plan(as_alice: APIClient, path: str) -> None:
    Plan.objects.create(name="Unlimited")
    person = {"email": "erin@example.com", "password": PASSWORD}
    answer = as_alice.post(f"/api/v1/{path}", person | {"plan": "Unlimited"})
    assert refused_fields(answer)["plan"] == "unknown_field"


def test_accepting_takes_as_many_queries_as_without_limits(
    alice: User, submit: Submit, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """The quota and its line, what is unfinished, the row; begin and end."""
    plan = Plan.objects.create(name="Small", max_unfinished=MOST)
    User.objects.filter(pk=alice.pk).update(plan=plan)
    Quota.objects.current(alice)
    user = User.objects.select_related("quota", "plan", "overrides").get(pk=alice.pk)
    with django_assert_num_queries(6):
        submit(user)


def test_token_and_session_bring_the_limits_along(
    as_alice: APIClient, alice: User, small: PlanOverrides, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    Quota.objects.current(alice)
    as_alice.get("/api/v1/capabilities")
    with django_assert_num_queries(1):
        as_alice.get("/api/v1/capabilities")
    browser = APIClient()
    browser.force_login(alice)
    with django_assert_num_queries(2):
        browser.get("/api/v1/capabilities")


def test_the_engine_is_told_who_goes_first(
    as_alice: APIClient, small: PlanOverrides, monkeypatch: pytest.MonkeyPatch
) -> None:
    PlanOverrides.objects.update(priority=7)
    seen = []

    class Watched(Ticket):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            seen.append(self.priority)

    monkeypatch.setattr("generation.engine.engine.Ticket", Watched)
    assert as_alice.post(URL, BODY).status_code == 200
    assert seen == [7]
