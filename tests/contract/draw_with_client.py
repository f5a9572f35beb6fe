"""Registers and draws with the client that openapi-generator made: `draw_with_client.py URL OUTPUT`."""

import base64
import sys
from pathlib import Path

import picture_client  # type: ignore[import-not-found]


def main(url: str, output: Path) -> None:
    configuration = picture_client.Configuration(host=url)
    with picture_client.ApiClient(configuration) as api:
        account = picture_client.RegisterRequest(
            email="client@example.com", password="nine quiet lighthouses"
        )
        configuration.access_token = picture_client.AccountsApi(api).register(account).token
        pictures = picture_client.GenerationApi(api)
        drawn = pictures.generate_image(picture_client.GenerationRequest(prompt="a red house", seed=7))
        output.write_bytes(base64.b64decode(drawn.images[0].image))
        picture = drawn.images[0].image
        reworked = pictures.transform_image(
            picture_client.TransformRequest(prompt="a red house", image=picture, strength=0.9)
        )
        assert reworked.parameters.strength == 0.9
        inpainted = pictures.inpaint_image(
            picture_client.InpaintRequest(prompt="a red boat", image=picture, mask=picture)
        )
        assert inpainted.request_type == "inpainting"
        assert pictures.get_generation_image(drawn.id, 0) == output.read_bytes()
        assert pictures.get_generation(drawn.id, images="url").images[0].image is None
        assert [
            shown.id for shown in pictures.list_generations(q="house", request_type="text-to-image").results
        ] == [drawn.id]


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
