"""Servers out of wheels, so that one command runs everything where nothing is installed."""

from tasks.embedded.folders import open_folder
from tasks.embedded.postgres import Postgres
from tasks.embedded.valkey import Valkey

__all__ = ["Postgres", "Valkey", "open_folder"]
