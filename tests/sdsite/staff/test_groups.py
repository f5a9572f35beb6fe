"""Who of the staff may do what: Sue is of the support, Max is a manager, Carol is a superuser, Alice is a user."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.utils import timezone

from accounts.models import AuthToken, IncreaseStatus, LimitIncrease, Plan, Quota, User
from generation.models import Generation, Origin, Status
from generation.params import GenerationParams, SchedulerName
from sdsite.staff.groups import MANAGER, SUPPORT, make_groups
from tests.conftest import PASSWORD

SEEN, ALLOWED, REFUSED = 200, 302, 403


def member(group: str) -> User:
    user = User.objects.create_user(f"{group}@example.com", PASSWORD, is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    return user


@pytest.fixture
def sue(db: None) -> User:
    return member(SUPPORT)


@pytest.fixture
def max_(db: None) -> User:
    return member(MANAGER)


@pytest.fixture
def as_(sue: User, max_: User, carol: User) -> Callable[[str], Client]:
    def client_of(name: str) -> Client:
        client = Client(raise_request_exception=False)
        client.force_login({SUPPORT: sue, MANAGER: max_, "superuser": carol}[name])
        return client

    return client_of


As = Callable[[str], Client]


def queued(user: User) -> Generation:
    params = GenerationParams(
        prompt="a boat",
        width=64,
        height=64,
        num_inference_steps=2,
        guidance_scale=1.0,
        scheduler=SchedulerName.DDIM,
        seed=1,
    )
    return Generation.objects.submit(user, params, model="tiny", cost=1, origin=Origin("request-1"))


# page: what support, a manager and a superuser get
PAGES = {
    "": (SEEN, SEEN, SEEN),
    "accounts/user/": (SEEN, SEEN, SEEN),
    "accounts/user/add/": (REFUSED, SEEN, SEEN),
    "accounts/quota/": (SEEN, SEEN, SEEN),
    "accounts/quota/add/": (REFUSED, REFUSED, REFUSED),
    "accounts/authtoken/": (SEEN, SEEN, SEEN),
    "accounts/authtoken/add/": (REFUSED, REFUSED, REFUSED),
    "accounts/plan/": (SEEN, SEEN, SEEN),
    "accounts/plan/add/": (REFUSED, SEEN, SEEN),
    "accounts/ledgerentry/": (SEEN, SEEN, SEEN),
    "accounts/ledgerentry/add/": (REFUSED, SEEN, SEEN),
    "accounts/limitincrease/": (SEEN, SEEN, SEEN),
    "generation/generation/": (SEEN, SEEN, SEEN),
    "generation/generation/add/": (REFUSED, REFUSED, REFUSED),
    "generation/webhookdelivery/": (SEEN, SEEN, SEEN),
    "generation/webhookdelivery/add/": (REFUSED, REFUSED, REFUSED),
    "admin/logentry/": (REFUSED, SEEN, SEEN),
    "admin/logentry/add/": (REFUSED, REFUSED, REFUSED),
    "auth/group/": (REFUSED, REFUSED, SEEN),
    "auth/group/add/": (REFUSED, REFUSED, SEEN),
    "otp_totp/totpdevice/": (REFUSED, REFUSED, SEEN),
    "otp_static/staticdevice/": (REFUSED, REFUSED, SEEN),
}
WHO = (SUPPORT, MANAGER, "superuser")


@pytest.mark.parametrize("page", PAGES)
def test_pages(as_: As, page: str) -> None:
    for who, status in zip(WHO, PAGES[page], strict=True):
        assert as_(who).get(f"/admin/{page}").status_code == status, who


def act(client: Client, page: str, action: str, *rows: object, **form: object) -> None:
    chosen = {"action": action, "_selected_action": [str(row.pk) for row in rows]}  # type: ignore[attr-defined]
    client.post(f"/admin/{page}/", chosen | form)


@pytest.mark.parametrize(("who", "acts"), [(SUPPORT, False), (MANAGER, True), ("superuser", True)])
def test_actions_on_users(as_: As, alice: User, who: str, acts: bool) -> None:
    client = as_(who)
    AuthToken.objects.issue(alice)
    Quota.objects.reserve(alice, 5, generation=uuid4())
    act(client, "accounts/user", "grant", alice, credits=7, reason="A gift")
    act(client, "accounts/user", "reset_allowance", alice)
    act(client, "accounts/user", "revoke_tokens", alice)
    act(client, "accounts/user", "disable", alice)
    quota = Quota.objects.get(user=alice)
    alice.refresh_from_db()
    now = (quota.balance, quota.used, alice.tokens.count(), alice.is_active)
    assert now == ((7, 0, 0, False) if acts else (0, 5, 1, True))
    act(client, "accounts/user", "enable", alice)
    alice.refresh_from_db()
    assert alice.is_active
    act(client, "accounts/user", "delete_selected", alice, post="yes")
    assert User.objects.filter(pk=alice.pk).exists() != acts


@pytest.mark.parametrize(("who", "decides"), [(SUPPORT, False), (MANAGER, True), ("superuser", True)])
def test_only_who_may_decides(as_: As, alice: User, who: str, decides: bool) -> None:
    increase = LimitIncrease.objects.ask(alice, 5, "A book")
    act(as_(who), "accounts/limitincrease", "approve", increase)
    increase.refresh_from_db()
    assert (increase.status == IncreaseStatus.APPROVED) == decides


@pytest.mark.parametrize(("who", "handles"), [(SUPPORT, False), (MANAGER, True), ("superuser", True)])
def test_support_refunds_and_does_no_more_to_generations(
    as_: As, alice: User, who: str, handles: bool
) -> None:
    client, page = as_(who), "generation/generation"
    drawn, waiting = queued(alice), queued(alice)
    assert drawn.succeed([])
    act(client, page, "refund", drawn, reason="Blurred")
    act(client, page, "cancel", waiting, reason="Stuck")
    act(client, page, "delete_selected", waiting, post="yes")
    drawn.refresh_from_db()
    assert drawn.refunded_at is not None
    assert Generation.objects.filter(pk=waiting.pk, status=Status.QUEUED).exists() != handles


@pytest.mark.parametrize(
    ("who", "statuses"),
    [(SUPPORT, (REFUSED, REFUSED, REFUSED)), (MANAGER, (ALLOWED, ALLOWED, ALLOWED))],
)
def test_a_user_is_changed_by_managers(as_: As, alice: User, who: str, statuses: tuple[int, ...]) -> None:
    client, page = as_(who), f"/admin/accounts/user/{alice.pk}"
    plan = Plan.objects.create(name="Studio")
    overrides = {"overrides-TOTAL_FORMS": 0, "overrides-INITIAL_FORMS": 0}
    quota = {"quota-TOTAL_FORMS": 0, "quota-INITIAL_FORMS": 0}
    form = {"email": "alice@example.org", "is_active": "on", "plan": plan.pk} | overrides | quota
    changed = client.post(f"{page}/change/", form)
    renewed = client.post(
        f"{page}/password/", {"password1": "new horse battery", "password2": "new horse battery"}
    )
    deleted = client.post(f"{page}/delete/", {"post": "yes"})
    assert (changed.status_code, renewed.status_code, deleted.status_code) == statuses
    assert client.get("/admin/accounts/user/").status_code == SEEN


LIFTING = ("is_staff", "is_superuser", "groups", "user_permissions")


def test_a_manager_lifts_nobody(as_: As, alice: User) -> None:
    client = as_(MANAGER)
    page = f"/admin/accounts/user/{alice.pk}/change/"
    shown = client.get(page).content.decode()
    assert not [name for name in LIFTING if f'name="{name}"' in shown]
    form: dict[str, object] = {
        "email": alice.email,
        "is_active": "on",
        "is_staff": "on",
        "is_superuser": "on",
        "groups": [Group.objects.get(name=MANAGER).pk],
        "user_permissions": [Permission.objects.filter(codename="add_group").get().pk],
        "overrides-TOTAL_FORMS": 0,
        "overrides-INITIAL_FORMS": 0,
        "quota-TOTAL_FORMS": 0,
        "quota-INITIAL_FORMS": 0,
    }
    assert client.post(page, form).status_code == ALLOWED
    alice.refresh_from_db()
    assert not alice.is_staff
    assert not alice.is_superuser
    assert not alice.groups.exists()
    assert not alice.user_permissions.exists()


@pytest.mark.parametrize("whose", ["sue", "max_", "carol"])
def test_a_manager_leaves_staff_alone(as_: As, whose: str, request: pytest.FixtureRequest) -> None:
    """Not their own account either: no password, no address, no credits, no end."""
    colleague: User = request.getfixturevalue(whose)
    client, page = as_(MANAGER), f"/admin/accounts/user/{colleague.pk}"
    AuthToken.objects.issue(colleague)
    increase = LimitIncrease.objects.ask(colleague, 5, "A book")
    assert client.get(f"{page}/change/").status_code == SEEN
    for path in ("change", "password", "delete"):
        assert client.post(f"{page}/{path}/", {"post": "yes"}).status_code == REFUSED
    for action in ("disable", "grant", "reset_allowance", "revoke_tokens", "delete_selected"):
        act(client, "accounts/user", action, colleague, credits=7, reason="A gift", post="yes")
    act(client, "accounts/limitincrease", "approve", increase)
    line = {"user": str(colleague.pk), "credits": 5, "reason": "A gift"}
    refused = client.post("/admin/accounts/ledgerentry/add/", line).content.decode()
    assert "The credits of staff are with superusers." in refused
    colleague.refresh_from_db()
    assert colleague.is_active
    assert colleague.tokens.count() == 1
    assert not colleague.ledger.exists()


def test_the_groups_are_there_and_made_once(db: None) -> None:
    before = {group.name: set(group.permissions.all()) for group in Group.objects.all()}
    assert set(before) == {SUPPORT, MANAGER}
    assert before[SUPPORT] < before[MANAGER]
    group = Group.objects.get(name=SUPPORT)
    group.permissions.set(Permission.objects.filter(codename="add_group"))
    Permission.objects.filter(codename="view_plan").delete()
    make_groups(apps.get_app_config("staff"))
    assert {group.name: {p.codename for p in group.permissions.all()} for group in Group.objects.all()} == {
        name: {p.codename for p in permissions} for name, permissions in before.items()
    }


def test_no_group_lifts(db: None) -> None:
    for group in Group.objects.all():
        labels = set(group.permissions.values_list("content_type__app_label", flat=True))
        assert labels <= {"accounts", "generation", "admin"}
    support = Group.objects.get(name=SUPPORT).permissions.values_list("codename", flat=True)
    assert {name for name in support if not name.startswith("view_")} <= {"refund_generation"}


def test_what_is_asked_for_is_needed(as_: As, alice: User) -> None:
    for form in ({}, {"credits": 7}, {"credits": 0, "reason": "x"}, {"credits": "x", "reason": "x"}):
        act(as_(MANAGER), "accounts/user", "grant", alice, **form)
    assert not alice.ledger.exists()


def test_last_seen_is_the_newest_of_sign_in_and_tokens(as_: As, alice: User, bob: User) -> None:
    now = timezone.now()
    for days in (3, 1, 2):
        token, _ = AuthToken.objects.issue(alice)
        AuthToken.objects.filter(pk=token.pk).update(last_used_at=now - timedelta(days=days))
    User.objects.filter(pk=alice.pk).update(last_login=now - timedelta(days=2))
    User.objects.filter(pk=bob.pk).update(last_login=now - timedelta(days=5))
    page = as_(SUPPORT).get("/admin/accounts/user/").content.decode()
    for days in (1, 5):
        seen = (now - timedelta(days=days)).strftime("%Y-%m-%d %H:%M")
        assert f'<td data-title="Last seen" class="field-last_seen nowrap">{seen}</td>' in page
