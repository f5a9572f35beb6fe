import subprocess

import pytest

from sdsite.welcome import welcome


def test_the_address_and_a_shell_script_that_can_be_pasted() -> None:
    text = welcome("127.0.0.1", 9000)
    assert "http://127.0.0.1:9000/api/v1/docs" in text
    script = text[text.index("TOKEN=") :]
    assert subprocess.run(["sh", "-n"], input=script, text=True, check=False).returncode == 0


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_a_server_that_listens_everywhere_is_reached_at_home(host: str) -> None:
    assert "http://127.0.0.1:8000/" in welcome(host, 8000)
