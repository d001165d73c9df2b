"""What the API says of a file of needs on its way."""

from __future__ import annotations

import marshmallow as ma

from app.api import PageQuery, Schema, page_of
from app.api_fields import Sentence, Text
from app.needs.imports import cells
from app.needs.imports.beginning import MOST_COLUMNS
from app.needs.imports.columns import COLUMNS
from app.needs.imports.shape import ENCODINGS, SEPARATORS
from app.needs.schemas import RemarkOut

STATUSES = ("uploading", "unpacking", "mapping", "running", "done", "failed")


class FileQuery(Schema):
    name = Text(load_default="needs.csv", longest=190, metadata={"examples": ["needs.csv"]})


class ImportIdOut(Schema):
    id = ma.fields.UUID(required=True)


class ChoicesIn(Schema):
    """How a file is read; what is left out stays. `mapping` has for each column its field, or "" for none."""

    encoding = ma.fields.String(validate=ma.validate.OneOf(list(ENCODINGS)))
    separator = ma.fields.String(validate=ma.validate.OneOf(list(SEPARATORS)))
    mapping = ma.fields.List(
        ma.fields.String(validate=ma.validate.OneOf(["", *COLUMNS])),
        validate=ma.validate.Length(max=MOST_COLUMNS),
        metadata={"examples": [["need_type", "text"]]},
    )
    day_order = ma.fields.String(validate=ma.validate.OneOf(["", *cells.DAY_ORDERS]))
    decimal_mark = ma.fields.String(validate=ma.validate.OneOf(["", *cells.DECIMAL_MARKS]))
    need_type = Text(longest=80)


class ChoicesOut(Schema):
    """How a file is read now: guessed, remembered from files with these columns, or chosen."""

    encoding = ma.fields.String(required=True)
    separator = ma.fields.String(required=True)
    header = ma.fields.List(ma.fields.String(), required=True)
    mapping = ma.fields.List(ma.fields.String(), required=True)
    day_order = ma.fields.String(required=True)
    decimal_mark = ma.fields.String(required=True)
    need_type = ma.fields.String(required=True)


class FilePreviewRowOut(Schema):
    line = ma.fields.Integer(required=True)
    cells = ma.fields.List(ma.fields.String(), required=True)
    problems = ma.fields.List(ma.fields.String(), required=True)


class FilePreviewOut(Schema):
    """The first rows with why they would be refused: `bad` of the `looked_at` first ones would be."""

    rows = ma.fields.List(ma.fields.Nested(FilePreviewRowOut), required=True)
    looked_at = ma.fields.Integer(required=True)
    bad = ma.fields.Integer(required=True)


class ImportResultOut(Schema):
    """The first thousand of each; what was refused is whole in refused.csv."""

    problems = ma.fields.List(ma.fields.Nested(RemarkOut), required=True)
    notices = ma.fields.List(ma.fields.Nested(RemarkOut), required=True)
    repeats = ma.fields.List(ma.fields.Nested(RemarkOut), required=True)
    left_out = ma.fields.List(Sentence(), required=True)


class FileImportOut(Schema):
    """A file on its way: given, read by a worker, waiting for its mapping, running, done or failed."""

    id = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)
    status = ma.fields.String(required=True, validate=ma.validate.OneOf(STATUSES))
    size = ma.fields.Integer(required=True)
    read = ma.fields.Integer(required=True)
    kept = ma.fields.Integer(required=True)
    bad = ma.fields.Integer(required=True)
    noticed = ma.fields.Integer(required=True)
    known = ma.fields.Integer(required=True)
    created_at = ma.fields.AwareDateTime(required=True)
    finished_at = ma.fields.AwareDateTime(required=True, allow_none=True)


class FileImportDetailOut(FileImportOut):
    """`percent` is how much of the file was read; preview, result and error stand where there are such."""

    percent = ma.fields.Integer(required=True)
    choices = ma.fields.Nested(ChoicesOut, required=True, allow_none=True)
    preview = ma.fields.Nested(FilePreviewOut, required=True, allow_none=True)
    result = ma.fields.Nested(ImportResultOut, required=True, allow_none=True)
    error = Sentence(required=True, allow_none=True)


FileImportPage = page_of(FileImportOut)
FileImportQuery = PageQuery
