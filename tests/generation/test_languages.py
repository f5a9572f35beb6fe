"""What is refused of a generation, and why it failed, is told in the language of whoever asks."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Quota, User
from generation.engine import Engine
from generation.models import Generation, Picture
from tests.problems import problem_of

URL = "/api/v1/text-to-image-generator"
SPANISH = {"accept-language": "es"}
Submit = Callable[..., Generation]


@pytest.fixture(autouse=True)
def _noise(use_engine: Callable[[str], Engine]) -> None:
    use_engine("Noise")


def test_the_mistakes_in_fields(as_alice: APIClient) -> None:
    body = {"prompt": "", "width": 65, "colour": "red", "seed": "1", "strength": 1}
    answer = as_alice.post(URL, body, headers=SPANISH)
    problem = problem_of(answer, 400, "invalid_request")
    assert problem["detail"] == "Uno o más campos no son válidos."
    assert {error["field"]: (error["code"], error["message"]) for error in problem["errors"]} == {
        "prompt": ("blank", "Este campo no puede estar en blanco."),
        "width": ("not_multiple", "Tiene que ser múltiplo de 8."),
        "seed": ("invalid", "Se requiere un número entero."),
        "colour": ("unknown_field", "Este campo no se conoce aquí."),
        "strength": ("unknown_field", "Este campo no se conoce aquí."),
    }


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            {"seed": 2**32 - 1, "num_images": 2},
            "Tiene que dejar sitio para 2 imágenes: la imagen i usa la semilla + i.",
        ),
        ({"width": 2048, "height": 2048}, "width * height puede ser como máximo 1048576 para esta cuenta."),
    ],
)
def test_what_the_parameters_refuse(as_alice: APIClient, body: dict[str, Any], message: str) -> None:
    answer = as_alice.post("/api/v1/quote", body, headers=SPANISH)
    assert message in [error["message"] for error in problem_of(answer, 400, "invalid_request")["errors"]]


def test_what_is_counted_is_counted_in_spanish(as_alice: APIClient, submit: Submit, alice: User) -> None:
    submit(cost=Quota.objects.current(alice).remaining - 1)
    answer = as_alice.post(URL, {"prompt": "a", "num_images": 2}, headers=SPANISH)
    detail = problem_of(answer, 402, "quota_exhausted")["detail"]
    assert detail == "Esto cuesta 2 créditos. Queda 1 crédito."


def test_a_failure_is_told_in_the_language_of_whoever_asks(as_alice: APIClient, submit: Submit) -> None:
    generation = submit()
    generation.fail("generation_failed", "out_of_memory")
    place = f"/api/v1/generations/{generation.id}"
    told = as_alice.get(place, headers=SPANISH).json()["error"]
    assert told["detail"] == "No se ha podido generar la imagen. No se ha cobrado nada."
    assert (told["code"], told["reason"]) == ("generation_failed", "out_of_memory")
    assert as_alice.get(place).json()["error"] == told | {
        "detail": "The picture could not be drawn. Nothing was charged."
    }
    events = as_alice.get(f"{place}/events", headers=SPANISH)
    assert "No se ha podido generar la imagen." in events.getvalue().decode()
    events.close()


@pytest.mark.parametrize(("language", "detail"), [("en", "There is nothing"), ("es", "No hay nada")])
def test_what_is_not_there(as_alice: APIClient, language: str, detail: str) -> None:
    place = "/api/v1/generations/0198f3a0-0000-7000-8000-000000000000"
    answer = as_alice.get(place, headers={"accept-language": language})
    assert problem_of(answer, 404, "not_found")["detail"].startswith(detail)


def test_a_picture_has_no_language(as_alice: APIClient, submit: Submit) -> None:
    generation = submit()
    generation.succeed([Picture(0, 7, b"first")])
    answer = as_alice.get(f"/api/v1/generations/{generation.id}/images/0", headers=SPANISH)
    assert not answer.has_header("Content-Language")
    assert "Accept-Language" not in answer.headers.get("Vary", "")
