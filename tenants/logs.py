"""Structured logs: one event a line, with request id and tenant."""

import logging
import sys

import structlog

from tenants.problems import Problem

_AWAY = 503  # of a `Problem`: something else is away or stands still, and waiting mends it


def in_a_line(_logger: object, _method: str, event: dict) -> dict:
    """What is away is tried again and again: its reason in the line, and no trace of the code."""
    info = event.get("exc_info")
    if info is True:
        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, Problem) and error.status == _AWAY:
        del event["exc_info"]
        event["reason"] = " ".join(str(error).split())
    return event


def configure(options: dict) -> None:
    """Django's LOGGING_CONFIG: `options` is settings.LOGGING ({level, json})."""
    shared = [
        structlog.contextvars.merge_contextvars,
        in_a_line,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer = (
        structlog.processors.JSONRenderer()
        if options.get("json")
        else structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        )
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processor=renderer)
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(options.get("level", "INFO"))
    for noisy in ("uvicorn.access", "django.server", "procrastinate", "fontTools", "numba"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
