"""What gunicorn loads: the application, its log on standard error, behind the proxies that it trusts."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app import create_app
from app.config import Settings
from app.observing import configure_logging


def application() -> Flask:
    configure_logging()
    app = create_app()
    settings: Settings = app.extensions["placet.settings"]
    if count := settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count)  # type: ignore[method-assign] # Flask's way
    return app
