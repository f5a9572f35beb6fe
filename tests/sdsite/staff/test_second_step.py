"""The second step of signing in, with the codes that a device would show."""

import re
import time
from typing import Any

import pytest
from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import User

USERS = "/admin/accounts/user/"
STEP = "/admin/second-step/"
ENROL = "/admin/enrol/"
CODES = "/admin/recovery-codes/"


@pytest.fixture(autouse=True)
def wanted(settings: Any) -> None:
    settings.STAFF_TWO_FACTOR = True


@pytest.fixture
def staff(client: Client, carol: User) -> Client:
    """Carol, who has done the first step."""
    client.force_login(carol)
    return client


@pytest.fixture
def device(carol: User) -> TOTPDevice:
    return TOTPDevice.objects.create(user=carol, name="Phone")


def code_of(device: TOTPDevice, steps: int = 0) -> str:
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits, steps)
    totp.time = time.time()
    return f"{totp.token():06d}"


def forget_failures() -> None:
    """As if the wait after a wrong code was over."""
    TOTPDevice.objects.update(throttling_failure_timestamp=None)
    StaticDevice.objects.update(throttling_failure_timestamp=None)


def test_it_works(staff: Client, device: TOTPDevice) -> None:
    answer = staff.get(USERS)
    assert answer["Location"] == f"{STEP}?next=%2Fadmin%2Faccounts%2Fuser%2F"
    assert "one-time-code" in staff.get(answer["Location"]).content.decode()
    before = staff.session.session_key
    assert staff.post(answer["Location"], {"code": code_of(device)})["Location"] == USERS
    assert staff.session.session_key != before
    assert staff.get(USERS).status_code == 200
    assert staff.get(STEP)["Location"] == "/admin/"


@pytest.mark.parametrize("page", ["", "accounts/user/", "password_change/", "jsi18n/", "admin/logentry/"])
def test_nothing_is_open_before_it(staff: Client, device: TOTPDevice, page: str) -> None:
    for answer in (staff.get(f"/admin/{page}"), staff.post(f"/admin/{page}")):
        assert answer.status_code == 302
        assert answer["Location"].startswith(STEP)


def test_who_has_no_device_enrols_one(staff: Client, carol: User) -> None:
    assert staff.get(STEP)["Location"].startswith(ENROL)
    page = staff.get(ENROL).content.decode()
    device = TOTPDevice.objects.get()
    assert not device.confirmed
    assert "<svg" in page
    assert "<script>" not in page
    assert staff.get(USERS)["Location"].startswith(STEP)
    wrong = staff.post(ENROL, {"code": "12"}).content.decode()
    assert "This is not the code" in wrong
    forget_failures()

    shown = staff.post(f"{ENROL}?next={USERS}", {"code": code_of(device)}).content.decode()
    codes = re.findall(r"<li><code>([0-9a-f]{8}-[0-9a-f]{8})</code>", shown)
    assert len(codes) == 10
    assert f'href="{USERS}"' in shown
    assert staff.get(USERS).status_code == 200
    kept = set(StaticToken.objects.values_list("token", flat=True))
    assert len(kept) == 10
    assert not kept & set(codes)


def test_a_second_device_is_no_way_around_the_first(staff: Client, device: TOTPDevice) -> None:
    assert staff.get(ENROL)["Location"].startswith(STEP)
    assert staff.post(ENROL, {"code": "123456"})["Location"].startswith(STEP)
    assert TOTPDevice.objects.get() == device


@pytest.mark.parametrize("code", ["", "000000", "12345", "1234567", "x" * 40, "12345é"])
def test_a_wrong_code_lets_nobody_in(staff: Client, device: TOTPDevice, code: str) -> None:
    while code == code_of(device):
        device.key = "00" * 20
        device.save()
    answer = staff.post(STEP, {"code": code})
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()
    assert staff.get(USERS).status_code == 302


def test_after_a_wrong_code_the_right_one_has_to_wait(staff: Client, device: TOTPDevice) -> None:
    staff.post(STEP, {"code": f"{(int(code_of(device)) + 1) % 10**6:06d}"})
    assert TOTPDevice.objects.filter(throttling_failure_count=1).update(throttling_failure_count=10)
    assert staff.post(STEP, {"code": code_of(device)}).status_code == 200
    forget_failures()
    assert staff.post(STEP, {"code": code_of(device)}).status_code == 302


def test_a_code_works_once(staff: Client, carol: User, device: TOTPDevice) -> None:
    code = code_of(device)
    assert staff.post(STEP, {"code": code}).status_code == 302
    other = Client()
    other.force_login(carol)
    assert other.post(STEP, {"code": code}).status_code == 200


def test_a_recovery_code_works_once(staff: Client, carol: User, device: TOTPDevice) -> None:
    staff.post(STEP, {"code": code_of(device)})
    assert "take the place" in staff.get(CODES).content.decode()
    codes = re.findall(r"[0-9a-f]{8}-[0-9a-f]{8}", staff.post(CODES).content.decode())
    first, second = Client(), Client()
    for client in (first, second):
        client.force_login(carol)
    assert first.post(STEP, {"code": codes[0].upper()}).status_code == 302
    assert second.post(STEP, {"code": codes[0]}).status_code == 200
    forget_failures()
    again = re.findall(r"[0-9a-f]{8}-[0-9a-f]{8}", first.post(CODES).content.decode())
    assert second.post(STEP, {"code": codes[1]}).status_code == 200
    forget_failures()
    assert second.post(STEP, {"code": again[0]}).status_code == 302


def test_recovery_codes_are_for_those_who_are_in(staff: Client, device: TOTPDevice) -> None:
    assert staff.post(CODES)["Location"].startswith(STEP)
    assert not StaticToken.objects.exists()


def test_somebody_elses_code_is_worth_nothing(staff: Client, device: TOTPDevice, alice: User) -> None:
    other = TOTPDevice.objects.create(user=alice)
    assert staff.post(STEP, {"code": code_of(other)}).status_code == 200


def test_onwards_is_here_and_nowhere_else(staff: Client, device: TOTPDevice) -> None:
    answer = staff.post(f"{STEP}?next=https://example.org/", {"code": code_of(device)})
    assert answer["Location"] == "/admin/"


def test_a_removed_device_is_worth_nothing_at_once(staff: Client, device: TOTPDevice) -> None:
    staff.post(STEP, {"code": code_of(device)})
    device.delete()
    assert staff.get(USERS)["Location"].startswith(STEP)


def test_one_can_leave_halfway(staff: Client, device: TOTPDevice) -> None:
    assert staff.post("/admin/logout/").status_code in (200, 302)
    assert "_auth_user_id" not in staff.session


@pytest.mark.parametrize("page", [STEP, ENROL, CODES])
def test_the_pages_are_for_staff(client: Client, alice: User, page: str) -> None:
    assert client.get(page)["Location"].startswith("/admin/login/")
    client.force_login(alice)
    assert client.post(page)["Location"].startswith("/admin/login/")
    assert not TOTPDevice.objects.exists()


def test_without_the_setting_one_step_is_enough(staff: Client, device: TOTPDevice, settings: Any) -> None:
    settings.STAFF_TWO_FACTOR = False
    assert staff.get(USERS).status_code == 200


def test_a_secret_is_not_shown_again(staff: Client, device: TOTPDevice) -> None:
    staff.post(STEP, {"code": code_of(device)})
    page = staff.get(f"/admin/otp_totp/totpdevice/{device.pk}/change/")
    assert page.status_code == 200
    assert device.key not in page.content.decode()
