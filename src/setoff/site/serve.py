"""`setoff serve`: the application for people, on gunicorn: several worker processes, several threads in each.

Before the first worker starts, the settings are checked, the database is brought up to date and the address is taken; what is wrong is
told and ends the command. This process keeps the embedded PostgreSQL running as long as it serves, and replaces a worker that ends.
SIGTERM and Ctrl-C let requests under way finish. Errors: setting_invalid, address_in_use, and those of the database.
"""

from __future__ import annotations

import logging
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

if TYPE_CHECKING:
    from setoff.site.environment import Environment

THREADS: Final = 8
GRACE_SECONDS: Final = 30
SILENCE_SECONDS: Final = 120
IDLE_SECONDS: Final = 75
"""Longer than proxies keep a connection that nobody uses (60): who closes first must be the one who asks."""
REQUESTS_OF_A_WORKER: Final = 20_000
CONNECTIONS_OF_A_THREAD: Final = 2
CONNECTIONS_OF_OTHERS: Final = 20
LOG: Final = logging.getLogger("setoff.serve")


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for all of this machine.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 8000,
    workers: Annotated[int, typer.Option(min=0, help="Worker processes; 0: one more than the processors, if the database allows.")] = 0,
    threads: Annotated[int, typer.Option(min=1, max=64, help="Requests that a worker answers at once.")] = THREADS,
) -> None:
    """Serve the application to browsers and to other systems, until it is stopped."""
    from setoff.core.errors import DomainError, ErrorCode
    from setoff.site import database, logs
    from setoff.site.environment import environment, unknown

    settings = environment()
    logs.configure(settings)
    for name, meant in unknown(os.environ):
        LOG.warning("unknown setting", extra={"setting": name, "meant": meant or None})
    database.prepare()
    os.environ[database.ADDRESS] = database.url()  # workers reach the embedded server that this process keeps, and start none
    try:
        listener = listening(host, port)
    except OSError as problem:
        raise DomainError(ErrorCode.ADDRESS_IN_USE, address=f"{host}:{port}", reason=problem.strerror or str(problem)) from problem
    count = worker_count(workers, threads)
    figures = Path(tempfile.mkdtemp(prefix="setoff-figures-"))
    own = os.getpid()
    try:
        run(listener, settings, count, threads, figures)
    finally:
        if os.getpid() == own:  # a worker ends here as well
            shutil.rmtree(figures, ignore_errors=True)


def worker_count(wanted: int, threads: int) -> int:
    """As many as wanted, or as fit: each thread of each may hold two connections to the database. Errors: invalid_value."""
    from setoff.core.errors import DomainError, ErrorCode
    from setoff.site import database

    with database.connect() as conn:
        (connections,) = conn.execute("select current_setting('max_connections')::int").fetchone() or (0,)
    most = max(1, (connections - CONNECTIONS_OF_OTHERS) // (CONNECTIONS_OF_A_THREAD * threads))
    if wanted > most:
        raise DomainError(ErrorCode.INVALID_VALUE, field="--workers", value=wanted, expected=f"1-{most} (max_connections = {connections})")
    return wanted or min((os.cpu_count() or 1) + 1, most)


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=512)


def run(listener: socket.socket, settings: Environment, workers: int, threads: int, figures: Path) -> None:
    """Serves until a signal ends it."""
    from setoff.language import default_language, text

    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(figures)
    host, port = listener.getsockname()[:2]
    address = f"{'https' if settings.https else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"
    LOG.info("serving", extra={"address": address, "workers": workers})
    if sys.stdout.isatty():
        typer.echo(text(default_language(), "serve-open", address=address))
    options = {
        "bind": [f"fd://{listener.detach()}"],
        "workers": workers,
        "worker_class": "gthread",
        "threads": threads,
        "graceful_timeout": GRACE_SECONDS,
        "timeout": SILENCE_SECONDS,
        "keepalive": IDLE_SECONDS,
        "max_requests": REQUESTS_OF_A_WORKER,
        "max_requests_jitter": REQUESTS_OF_A_WORKER // 10,
        "forwarded_allow_ips": "",  # site/proxy.py says whom to believe
        "control_socket_disable": True,
        "logger_class": "setoff.site.logs.GunicornLog",
        "loglevel": settings.log_level,
        "post_worker_init": start_delivery,
        "child_exit": forget_worker,
        "proc_name": "setoff",
    }
    server_of(options).run()


def start_delivery(_worker: Any) -> None:
    """Every worker sends what waits for other systems, beside its requests; they share the work, whichever of them is there."""
    import threading

    from setoff.site import database
    from setoff.site.environment import environment
    from setoff.webhooks.delivery import work

    arguments = (threading.Event(), database.connect, environment().webhook_keep_days)
    threading.Thread(target=work, args=arguments, name="webhooks", daemon=True).start()


def forget_worker(_server: Any, worker: Any) -> None:
    """The figures of a worker that ended count on, its gauges do not."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)


def server_of(options: dict[str, Any]) -> Any:
    """Gunicorn with these options and no others: neither its file nor its environment variables."""
    from gunicorn.app.base import BaseApplication

    class Server(BaseApplication):
        def load_config(self) -> None:
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]:
            from setoff.site.wsgi import application

            return application

    return Server()
