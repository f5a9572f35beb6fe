"""The API in a browser: Carol is logged in to the site."""

import pytest
from rest_framework.test import APIClient

from sdsite.browsable import pictures, shortened

PAGE = {"accept": "text/html"}
IMAGE = {
    "index": 0,
    "seed": 7,
    "width": 8,
    "height": 8,
    "url": "http://testserver/picture",
    "image": "A" * 500,
}


def page(client: APIClient, path: str, method: str = "get", body: object = None) -> str:
    response = getattr(client, method)(path, body, headers=PAGE)
    assert response["Content-Type"].startswith("text/html")
    return response.content.decode()


def test_the_form_offers_a_prompt_and_hides_that_it_was_not_sent(as_carol: APIClient) -> None:
    html = page(as_carol, "/api/v1/text-to-image-generator")
    assert "a red house in the snow at night" in html
    assert "HTTP 405" not in html


def test_the_last_body_is_offered_again(as_carol: APIClient) -> None:
    html = page(as_carol, "/api/v1/text-to-image-generator", "post", {"prompt": "a boat", "width": 65})
    assert "&quot;prompt&quot;: &quot;a boat&quot;" in html
    assert "HTTP 400" in html


def test_a_password_is_not(nobody: APIClient) -> None:
    html = page(nobody, "/api/v1/register", "post", {"email": "dave@example.com", "password": "short-1"})
    assert "short-1" not in html


def test_who_is_not_logged_in_is_shown_where_to(nobody: APIClient) -> None:
    html = page(nobody, "/api/v1/account")
    assert "/session/?next=/api/v1/account" in html
    assert "HTTP 401" in html


@pytest.mark.parametrize(
    "path",
    [
        "account",
        "account/password",
        "register",
        "login",
        "password-reset",
        "logout",
        "generations",
        "text-to-image-generator",
    ],
)
def test_every_page_can_be_shown(as_carol: APIClient, path: str) -> None:
    assert "<h1>" in page(as_carol, f"/api/v1/{path}")


def test_a_form_that_is_only_asked_for_is_no_mistake(as_carol: APIClient) -> None:
    assert as_carol.get("/api/v1/text-to-image-generator", headers=PAGE).status_code == 200
    assert as_carol.get("/api/v1/text-to-image-generator").status_code == 405


def test_pictures_of_one_generation_and_of_a_page() -> None:
    generation = {"parameters": {"prompt": "a boat"}, "images": [IMAGE]}
    shown = [IMAGE | {"prompt": "a boat"}]
    assert pictures(generation) == shown
    assert pictures({"results": [generation, generation | {"images": []}]}) == shown
    assert pictures({"code": "not_found"}) == []
    assert pictures(None) == []


def test_base64_is_shown_cut_short_and_nothing_else_is() -> None:
    shown = shortened({"images": [IMAGE, IMAGE | {"image": None}], "detail": "B" * 500})
    assert shown["images"][0] == IMAGE | {"image": f"{'A' * 100}… (500 characters)"}
    assert shown["images"][1]["image"] is None
    assert shown["detail"] == "B" * 500
