"""Working out what the answers of a sample stand for."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from app.database import reading
from app.needs.surveys import commands, queries
from app.needs.surveys.models import AnswerKind
from tasks.handlers.registry import Call, handles, id_input


@handles("surveys.estimate")
def estimate(call: Call) -> dict[str, Any]:
    from app.insights.learning import sampling  # loads SciPy, which few workers ever need

    survey_id = id_input(call, "survey_id")
    with reading(call.org_id) as tx:
        survey = queries.get(tx, survey_id)
        answers = queries.answers_of(tx, survey_id)
    strata = [
        sampling.Stratum(
            each["name"], each["population"], each["asked"], tuple(answers.get(each["name"], ()))
        )
        for each in survey.strata
    ]
    found = sampling.estimate(strata, survey.kind == AnswerKind.YES_NO)
    commands.keep_estimate(call.org_id, survey_id, None if found is None else asdict(found), call.now)
    return {}
