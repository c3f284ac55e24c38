"""A worker that does all queued work, as `counterfoil up` has them, in a thread of its own.

Of its own, because a worker runs an event loop, and the browser tests keep one in the thread of the tests.
"""

from __future__ import annotations

import threading

from django.db import connections
from procrastinate.contrib.django import app


def do_all_queued_work() -> None:
    """Do every queued job, in this process, and come back when none is left."""

    def do() -> None:
        with app.replace_connector(app.connector.get_worker_connector()) as worker:  # type: ignore[attr-defined]
            worker.run_worker(wait=False, listen_notify=False, install_signal_handlers=False)
        connections.close_all()

    thread = threading.Thread(target=do)
    thread.start()
    thread.join()
