"""Take the pictures of the application that the documentation shows (`make screens`): Chromium on the demo group, in a database of its own.

Which page stands in which picture is in PICTURES. The group, the day and the size are fixed, so that a new picture differs only where
the pages do.
"""

from __future__ import annotations

import os
import shutil
import threading
from datetime import date
from pathlib import Path
from typing import Final

from setoff.books.audit import Actor
from setoff.demo.generate import records
from setoff.demo.people import add_people, password
from setoff.parties.services import save_masters
from setoff.settlements.bulk import import_documents
from setoff.site import database
from setoff.trade.documents import Document

IMAGES: Final = Path(__file__).parent / "images"
PICTURES: Final = {"today": "/", "document": "/documents/1200/", "partner": "/partners/1/"}
LAST_DAY: Final = date(2025, 12, 31)
WORKING_DAY: Final = "2025-12-10"
SIZE: Final = {"width": 1180, "height": 760}


def main() -> None:
    with database.throwaway(), database.connect() as conn:
        database.setup_django()
        made = list(records(2000, 1, LAST_DAY))
        actor = Actor("demo", "cli")
        save_masters(conn, [record for record in made if not isinstance(record, Document)], actor)
        documents = [(row, record) for row, record in enumerate(made, 1) if isinstance(record, Document)]
        import_documents(conn, lambda: documents, actor)
        add_people(conn)
        take_pictures(serve())


def serve() -> str:
    """The address of the application, served by threads of this process."""
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
    from django.core.wsgi import get_wsgi_application

    server = ThreadedWSGIServer(("127.0.0.1", 0), WSGIRequestHandler)
    server.set_app(StaticFilesHandler(get_wsgi_application()))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def take_pictures(address: str) -> None:
    from playwright.sync_api import sync_playwright

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "yes"  # the driver keeps an event loop in this thread
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as driver:
        chromium = os.environ.get("SETOFF_CHROMIUM") or shutil.which("chromium")
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_context(base_url=address, viewport=SIZE).new_page()
        page.goto("/account/login/")
        page.fill("input[name=login]", "accountant")
        page.fill("input[name=password]", password())
        with page.expect_navigation():
            page.keyboard.press("Enter")
        page.evaluate("day => { document.querySelector('.working-day input[name=day]').value = day; }", WORKING_DAY)
        with page.expect_navigation():
            page.evaluate("() => document.querySelector('.working-day').requestSubmit()")
        for name, path in PICTURES.items():
            page.goto(path)
            page.wait_for_load_state("networkidle")
            page.screenshot(path=IMAGES / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
