"""Which version of a process a call calls: that of its own deployment, the newest, or a named one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from workflows.errors import ElementError

BINDINGS = ("deployment", "latest", "version", "versionTag")


@dataclass(frozen=True, slots=True)
class Binding:
    """How a call finds what it calls; `process`, `version` and `tag` are texts, or `= FEEL`."""

    process: str = ""
    how: str = "deployment"
    wanted: str = ""  # the version's number, or its tag


class Others(Protocol):
    """The other deployments of an organisation; whoever keeps deployments tells the engine of them."""

    def find(self, process: str, how: str, wanted: str) -> tuple[str, Any] | None:
        """Return the key of a deployment and itself; None where that is the instance's own.

        Raises LookupError where there is none.
        """

    def get(self, key: str) -> Any:
        """Return the deployment of a key that `find` gave."""


def bound(token: Any, binding: Binding) -> tuple[str, str | None, Any]:
    """Return which process is called, the key of the deployment (None: the caller's own), and itself.

    Raises ElementError where there is no such process.
    """
    element, here = token.task_spec.name, token.scope.deployment
    process = str(token.answer(binding.process))
    key, deployment = None, here
    if binding.how != "deployment":
        wanted = str(token.answer(binding.wanted))
        try:
            key, deployment = _elsewhere(here, process, binding.how, wanted)
        except LookupError:
            why = f"the process {process!r} is not here" + (f" in version {wanted}" if wanted else "")
            raise ElementError(element, why) from None
    spec = deployment.specs.get(process)
    if spec is None or process not in deployment.processes:
        raise ElementError(element, f"the process {process!r} is not here")
    if spec.first_start() is None:
        raise ElementError(element, f"the process {process!r} is started by events only")
    return process, key, deployment


def _elsewhere(here: Any, process: str, how: str, wanted: str) -> tuple[str | None, Any]:
    if here.others is None:
        if how == "latest":
            return None, here
        raise LookupError(process)
    return here.others.find(process, how, wanted) or (None, here)
