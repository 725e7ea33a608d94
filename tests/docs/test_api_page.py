"""The example of docs/how-to/api.md works: it is run as it stands, against a server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler

import pytest

from tests.api.asking import Api
from tests.api.conftest import sign_in, web

PAGE = Path(__file__).parent.parent.parent / "docs" / "how-to" / "api.md"
__all__ = ["sign_in", "web"]


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        """A test has nothing to say of a request."""


@pytest.fixture
def address(web: Any) -> Iterator[str]:
    from django.core.servers.basehttp import ThreadedWSGIServer
    from django.core.wsgi import get_wsgi_application

    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet, connections_override={})
    server.set_app(get_wsgi_application())
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_example_runs(address: str, sign_in: Callable[[str], Api]) -> None:
    token = sign_in("accountant").post("tokens", {"name": "example", "scopes": ["read", "post", "import"]}).json()["token"]
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    given = {**os.environ, "SETOFF_ADDRESS": address, "SETOFF_TOKEN": token}
    done = subprocess.run([sys.executable, "-c", example], env=given, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    told = done.stdout.splitlines()
    assert told[0] == "posted sale/MSK/2026/000001"
    assert any(line.startswith("would change") for line in told)
    assert '"created":5' in next(line for line in told if line.startswith("imported"))
    assert "sales 6" in told
    assert any(line.endswith("1250.00 RUB") for line in told)
