"""Models that others drew: each loads and can be asked, or is refused naming the element."""

from contextlib import suppress
from pathlib import Path

import pytest

from rules import dmn, feel
from rules.dmn.check import check_document
from tests.conformance.shared import shared


def _asked(path: Path) -> dmn.DmnError | None:
    """Check, load and ask a model; return what it is refused for; any error that is not ours goes on."""
    document = path.read_bytes()
    siblings = {each.name: each.read_bytes() for each in path.parent.glob("*.dmn") if each != path}
    findings = check_document(document, siblings)
    try:
        model = dmn.load(document, siblings)
    except dmn.DmnError as error:
        if [finding.element for finding in findings] != [error.element]:
            raise AssertionError(f"{path}: {error} is told as {findings}") from error
        return error
    for table in model.tables:
        with suppress(dmn.DmnError, feel.FeelError):
            model.decide(table.owner, {})
    return None


@pytest.mark.untraced
@pytest.mark.shared
@pytest.mark.parametrize(("folder", "least"), [("corpora", 50), ("tck", 100)])
def test_every_model_loads_or_is_refused_naming_the_element(folder: str, least: int) -> None:
    paths = sorted(shared(folder).rglob("*.dmn"))

    refused = {path.name: error for path in paths if (error := _asked(path)) is not None}

    assert len(paths) > least
    assert [name for name, error in refused.items() if not error.element or not error.reason] == []
    assert len(refused) <= len(paths) / 20, {name: str(error) for name, error in refused.items()}
