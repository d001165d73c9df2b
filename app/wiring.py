"""Putting the rooms together: the one module that knows all of them."""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask

from app import (
    api,
    api_description,
    assets,
    health,
    i18n,
    keeping,
    metrics,
    observing,
    rate_limiting,
    security_headers,
    web,
)
from app import models as models
from app.accounts import api as accounts_api
from app.accounts import business, business_api, business_pages, session_api
from app.accounts import pages as accounts_pages
from app.catalogue import api as catalogue_api
from app.catalogue import pages as catalogue_pages
from app.config import Settings, load_settings
from app.customers import api as customers_api
from app.customers import erasing, profiling
from app.customers import pages as customers_pages
from app.database import db, engine_options, prepare_engine
from app.inbox import api as inbox_api
from app.inbox import pages as inbox_pages
from app.insights import (
    assessing,
    models_api,
    remaining_time,
    suggesting,
    suggesting_api,
    suggestions,
    suggestions_api,
    suggestions_pages,
)
from app.insights import erasing as insights_erasing
from app.insights import pages as insights_pages
from app.insights.segments import api as segments_api
from app.insights.segments import kind as segments
from app.insights.segments import queries as segment_queries
from app.insights.tables import api as tables_api
from app.insights.themes import api as themes_api
from app.insights.themes import queries as themes
from app.insights.themes import telling as themes_telling
from app.needs import api as needs_api
from app.needs import board_pages, explore_pages, tracking_api
from app.needs import erasing as needs_erasing
from app.needs import pages as needs_pages
from app.needs import projection as needs_projection
from app.needs.beside import BESIDE, READERS, Beside
from app.needs.commands import HEARERS
from app.needs.experiments import api as experiments_api
from app.needs.experiments import erasing as experiments_erasing
from app.needs.experiments import pages as experiments_pages
from app.needs.feedback import api as need_feedback_api
from app.needs.feedback import commands as need_feedback
from app.needs.feedback import pages as need_feedback_pages
from app.needs.forms import api as forms_api
from app.needs.forms import pages as forms_pages
from app.needs.forms import queries as forms_erasing
from app.needs.imports import api as imports_api
from app.needs.imports import erasing as imports_erasing
from app.needs.imports import pages as imports_pages
from app.needs.mails import api as mails_api
from app.needs.mails import pages as mails_pages
from app.needs.observations import api as observations_api
from app.needs.observations import pages as observations_pages
from app.needs.observations import queries as observations_erasing
from app.needs.surveys import api as surveys_api
from app.needs.surveys import erasing as surveys_erasing
from app.needs.surveys import pages as surveys_pages
from app.operations import (
    acting_api,
    acting_pages,
    audit_api,
    bulk_api,
    bulk_pages,
    heat_api,
    heat_pages,
    instances_api,
    instances_pages,
    messages_api,
    messages_pages,
    moving_api,
    moving_pages,
)
from app.operations import api as operations_api
from app.operations import pages as operations_pages
from app.orders import api as orders_api
from app.orders import erasing as orders_erasing
from app.orders import expectation, feedback_api, feedback_pages, foresight, projection
from app.orders import feedback as orders_feedback
from app.orders import pages as orders_pages
from app.orders.story import api as story_api
from app.processes import keeping_messages
from app.processes.projections import FOLLOWERS, PROJECTORS
from app.studio import api as studio_api
from app.studio import pages as studio_pages


def create_app(settings: Settings | None = None) -> Flask:
    """Return the application for these settings (default: from the environment)."""
    settings = settings or load_settings(os.environ)
    app = Flask("app", root_path=str(Path(__file__).parent), static_folder="static")
    app.extensions["placet.settings"] = settings
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url),
        MAX_CONTENT_LENGTH=8 * 1024 * 1024,
    )
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    metrics.init(app, settings)
    observing.init(app)
    keeping.init(app)
    health.init(app)
    rate_limiting.init(app, settings)
    api.init(app)
    i18n.init(app)
    assets.init(app)
    web.init(app)
    security_headers.init(app, settings)
    _wire_apis(app)
    api_description.init(app)
    _wire_pages(app)
    return app


def _wire_pages(app: Flask) -> None:
    for room in (
        accounts_pages,
        business_pages,
        customers_pages,
        catalogue_pages,
        needs_pages,
        experiments_pages,
        surveys_pages,
        imports_pages,
        board_pages,
        explore_pages,
        forms_pages,
        mails_pages,
        observations_pages,
        need_feedback_pages,
        orders_pages,
        feedback_pages,
        inbox_pages,
        operations_pages,
        messages_pages,
        acting_pages,
        bulk_pages,
        instances_pages,
        heat_pages,
        moving_pages,
        insights_pages,
        suggestions_pages,
        studio_pages,
    ):
        app.register_blueprint(room.blueprint)


def _wire_apis(app: Flask) -> None:
    """Register each room's API, and what an instance's steps are projected to."""
    for room in (
        session_api,
        accounts_api,
        business_api,
        customers_api,
        catalogue_api,
        needs_api,
        suggesting_api,
        suggestions_api,
        experiments_api,
        surveys_api,
        tracking_api,
        observations_api,
        need_feedback_api,
        imports_api,
        forms_api,
        mails_api,
        orders_api,
        story_api,
        feedback_api,
        inbox_api,
        operations_api,
        messages_api,
        acting_api,
        bulk_api,
        instances_api,
        heat_api,
        audit_api,
        moving_api,
        models_api,
        themes_api,
        tables_api,
        segments_api,
        studio_api,
    ):
        api.api.register_blueprint(room.blueprint)
    if projection.project not in PROJECTORS:  # one list for all applications of a process
        PROJECTORS.append(projection.project)
    if needs_projection.project not in PROJECTORS:
        PROJECTORS.append(needs_projection.project)
    if keeping_messages.follow not in FOLLOWERS:
        FOLLOWERS.append(keeping_messages.follow)
    BESIDE["theme"] = Beside(themes.names, themes.narrow, themes.told, themes.of_need)
    BESIDE["customer_segment"] = Beside(
        segment_queries.of_needs,
        segment_queries.narrow_needs,
        segment_queries.told,
        segment_queries.of_need,
        of_customer=True,
    )
    if themes_telling.tell not in READERS:
        READERS.append(themes_telling.tell)
    if suggesting.note not in HEARERS:
        HEARERS.append(suggesting.note)
    if need_feedback.hear not in orders_feedback.HEARERS:
        orders_feedback.HEARERS.append(need_feedback.hear)
    profiling.FORGETTERS[:] = [suggestions.erase, segments.erase]
    business.FORGETTERS[:] = [suggestions.erase_unprofiled, segments.erase_unprofiled]
    if remaining_time.tell not in expectation.TELLERS:
        expectation.TELLERS.append(remaining_time.tell)
    if assessing.assess not in foresight.ASSESSORS:
        foresight.ASSESSORS.append(assessing.assess)
        foresight.SHARES.append(assessing.so_far)
        foresight.HEARERS.append(assessing.note)
    for room in (
        imports_erasing,  # first: a batch that is being kept is waited for, and its needs are found
        needs_erasing,
        observations_erasing,
        forms_erasing,
        surveys_erasing,
        experiments_erasing,
        orders_erasing,
        insights_erasing,
    ):
        if room.erase not in erasing.ERASERS:
            erasing.ERASERS.append(room.erase)
