"""Staff see what was bought, and what somebody has to look at. They change nothing."""

from rest_framework.test import APIClient

from tests.accounts.payments.conftest import deliver
from tests.stripe_server import Node, StripeServer

URL = "/admin/accounts/purchase/"


def test_it_works(bought: Node, stripe: StripeServer, as_carol: APIClient) -> None:
    for event in stripe.pay(bought) + stripe.refund(bought, 250) + stripe.dispute(bought):
        deliver(event)
    page = as_carol.get(URL).content.decode()
    assert "12.50 EUR" in page
    assert ">2.50 EUR<" in page
    purchase = as_carol.get(f"{URL}{bought['client_reference_id']}/change/").content.decode()
    assert "charge.dispute.created" in purchase
    assert 'name="_save"' not in purchase


def test_one_is_found_by_what_it_is_called_here_and_there(
    bought: Node, stripe: StripeServer, as_carol: APIClient
) -> None:
    deliver(stripe.pay(bought)[0])
    own = bought["client_reference_id"]
    for term in ("alice", own, bought["id"], bought["payment_intent"]):
        assert "12.50 EUR" in as_carol.get(URL, {"q": term}).content.decode()
    assert "0 purchases" in as_carol.get(URL, {"q": "cs_live_other"}).content.decode()
    assert "1 ledger entry" in as_carol.get("/admin/accounts/ledgerentry/", {"q": own}).content.decode()


def test_what_needs_attention_is_found(bought: Node, stripe: StripeServer, as_carol: APIClient) -> None:
    [event] = stripe.pay(bought)
    event["data"]["object"]["currency"] = "usd"
    deliver(event)
    assert "another currency" in as_carol.get(f"{URL}?trouble=attention").content.decode()
    for other in ("owed", "disputed"):
        assert "0 purchases" in as_carol.get(f"{URL}?trouble={other}").content.decode()


def test_nothing_can_be_changed(bought: Node, as_carol: APIClient) -> None:
    address = f"{URL}{bought['client_reference_id']}/"
    for page in (f"{URL}add/", f"{address}delete/"):
        assert as_carol.get(page).status_code == 403
    assert as_carol.post(f"{address}change/", {}, format="multipart").status_code == 403


def test_a_buyer_is_no_staff(as_alice: APIClient) -> None:
    assert as_alice.get(URL).status_code == 302
