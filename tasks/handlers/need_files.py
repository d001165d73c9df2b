"""Files of needs: a workbook made into rows, and the needs of long files kept slice by slice."""

from __future__ import annotations

import tempfile
from typing import IO, Any, cast

from app.errors import ConflictError, InvalidError
from app.needs.imports import commands, running, storing
from tasks import workbooks
from tasks.handlers.registry import Call, handles, id_input


@handles(running.HANDLER)
def import_slice(call: Call) -> dict[str, Any]:
    """Keep needs for some seconds, and ask for another slice where there is more."""
    import_id = id_input(call, "import_id")
    finished = running.advance(call.org_id, import_id, running.SLICE_SECONDS)
    if not finished:
        running.go_on(call.org_id, call.key, import_id)
    return {"finished": finished}


@handles(commands.UNPACK)
def unpack(call: Call) -> dict[str, Any]:
    """Make rows of a workbook; one that cannot be read is told to the person, not to an operator."""
    import_id = id_input(call, "import_id")
    if not commands.begin_unpacking(call.org_id, import_id):
        return {"unpacked": False}
    stored = storing.open_parts(call.org_id, import_id, "file")
    writer = storing.PartWriter(call.org_id, import_id, "sheet")
    try:
        with tempfile.TemporaryFile() as file:
            for part in iter(lambda: stored.read(storing.PART_BYTES), b""):
                file.write(part)
            file.seek(0)
            workbooks.unpack(file, cast("IO[bytes]", writer))
        writer.finish()
        commands.propose(call.org_id, import_id, "sheet", writer)
    except workbooks.WorkbookError as error:
        commands.fail(call.org_id, import_id, error.message)
        return {"unpacked": False}
    except InvalidError as error:
        commands.fail(call.org_id, import_id, error.fields["file"][0])
        return {"unpacked": False}
    except ConflictError as error:
        commands.fail(call.org_id, import_id, error.message)
        return {"unpacked": False}
    return {"unpacked": True}
