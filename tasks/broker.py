"""Celery as it was proved by killing it: late acknowledgement, no results, no times, no state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery import Celery
from kombu.exceptions import OperationalError

QUEUE = "celery"
EXECUTE = "placet.execute"
TRAIN = "placet.train"
SOFT_SECONDS, HARD_SECONDS = 20, 30

_REDIS_OPTIONS = {
    # Longer than any call; what is lost is published again by the relay, not by this.
    "visibility_timeout": 3600,
    # kombu looks for abandoned messages every interval x throttle seconds: 100 unless told.
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "retry_on_timeout": True,
    "health_check_interval": 5,
}
_AMQP_OPTIONS = {"confirm_publish": True}


def make_celery(broker_url: str) -> Celery:
    """Return a Celery application on this broker; the relay publishes with it, the worker runs it."""
    made = Celery("placet", broker=broker_url, set_as_current=False)
    made.conf.update(
        task_default_queue=QUEUE,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        task_publish_retry=False,
        task_soft_time_limit=SOFT_SECONDS,
        task_time_limit=HARD_SECONDS,
        result_backend=None,
        worker_prefetch_multiplier=1,
        worker_cancel_long_running_tasks_on_connection_loss=True,
        worker_soft_shutdown_timeout=10.0,
        # A busy machine takes its time to start a process: killed too early, it would never serve.
        worker_proc_alive_timeout=60.0,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_send_task_events=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_connection_timeout=2,
        broker_transport_options=_transport_options(broker_url),
        accept_content=["json"],
    )
    return made


def _transport_options(broker_url: str) -> dict[str, Any]:
    scheme = broker_url.partition(":")[0]
    if scheme.startswith(("redis", "sentinel")):
        return dict(_REDIS_OPTIONS)
    return dict(_AMQP_OPTIONS) if scheme.startswith(("amqp", "pyamqp")) else {}


@contextmanager
def reached(celery: Celery) -> Iterator[None]:
    """Raise kombu's one error for whatever the transport says when the broker goes away meanwhile."""
    try:
        yield
    except celery.connection_for_write().connection_errors as error:
        raise OperationalError(str(error)) from error


def queue_length(celery: Celery) -> int:
    """Return how many messages wait for a worker; raise where the broker is not there."""
    with reached(celery), celery.pool.acquire(block=True) as connection:
        connection.ensure_connection(max_retries=1, interval_start=0, timeout=3)
        with connection.channel() as channel:
            try:
                return int(channel.queue_declare(QUEUE, passive=True).message_count)
            except connection.channel_errors:
                return 0  # nothing was ever published, or Redis forgot the empty list
