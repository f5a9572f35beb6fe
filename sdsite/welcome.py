"""What a newcomer is told when the server is up: where it is, and how to get a first picture out of it."""

from string import Template

EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104
TEXT = Template("""
The service is at $address: open it in a browser to make pictures.
The API is documented at $address/api/v1/docs. Paste this into another terminal, and look at picture.png:

TOKEN=$$(curl -s $address/api/v1/register -H 'Content-Type: application/json' \\
  -d '{"email": "demo-'$$(date +%s)'@example.com", "password": "correct horse battery staple"}' \\
  | python3 -c 'import json, sys; print(json.load(sys.stdin)["token"])')
curl -sf --retry 9 $address/api/v1/text-to-image-generator \\
  -H "Authorization: Bearer $$TOKEN" -H 'Content-Type: application/json' \\
  -d '{"prompt": "a red house in the snow at night"}' \\
  | python3 -c 'import base64, json, sys; image = json.load(sys.stdin)["images"][0]["image"]
open("picture.png", "wb").write(base64.b64decode(image))'
""")


def welcome(host: str, port: int) -> str:
    """The text for a server that listens at `host`; one that listens everywhere is reached at home."""
    reachable = "127.0.0.1" if host in EVERYWHERE else host
    return TEXT.substitute(address=f"http://{reachable}:{port}")
