"""The command line `placet`: what can be asked for; each body is loaded only when it is."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from app.errors import InvalidError, PlacetError
from tasks import environment
from tasks.errors import ProcessError
from tasks.insights_cli import insights

PORT = click.IntRange(1, 65535)


def _body(command: str) -> Any:
    """Import a command's module: `placet serve` never loads Celery."""
    return import_module(f"tasks.commands.{command}")


def _process(name: str) -> Any:
    """Import what a long-running process does."""
    return import_module(f"tasks.{name}")


@click.group()
@click.version_option(package_name="placet")
def placet() -> None:
    """Orders, approvals and rules, drawn as BPMN and DMN."""


@placet.command()
@click.option("--port", type=PORT, help="Port of the pages (default: PLACET_PORT, or 8000).")
def run(port: int | None) -> None:
    """Run everything on this machine under one supervisor; Ctrl-C stops it in order."""
    if port:
        os.environ["PLACET_PORT"] = str(port)
    settings = environment.prepare()
    environment.open_witness(settings)
    _body("run").run(settings)


@placet.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=PORT, help="Port to listen on (default: PLACET_PORT, or 8000).")
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Processes.")
@click.option("--threads", type=click.IntRange(1, 64), default=8, show_default=True, help="Threads in each.")
def serve(host: str, port: int | None, workers: int, threads: int) -> None:
    """Serve the pages and the API."""
    _body("serve").run(host, port or environment.prepare().port, workers, threads)


@placet.command()
def migrate() -> None:
    """Bring the database to the present tables, as its owner (PLACET_MIGRATION_URL)."""
    _body("migrate").run(environment.prepare())


@placet.command()
def seed() -> None:
    """Make the demo business once; its sign-ins go to demo.json in PLACET_VAR."""
    with environment.application().app_context():
        click.echo(f"sign-ins: {_body('seed').run(environment.prepare())}")


@placet.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=PORT, help="Port to listen on (default: PLACET_EVENTS_PORT, or 8001).")
def events(host: str, port: int | None) -> None:
    """Stream changes to open pages (server-sent events)."""
    settings = environment.prepare()
    _process("live_events").run(settings, host, port or settings.events_port)


@placet.command()
@click.option("--concurrency", type=click.IntRange(1, 64), default=2, show_default=True, help="Processes.")
def worker(concurrency: int) -> None:
    """Perform service calls."""
    _process("worker").run(environment.prepare(), concurrency)


@placet.command()
def relay() -> None:
    """Carry service calls to workers; fire timers, put decisions in force, seal the record."""
    settings = environment.prepare()
    environment.open_witness(settings)
    _process("relay").run(settings)


@placet.command()
@click.argument("process", type=click.Choice(["worker", "relay"]))
def alive(process: str) -> None:
    """Say whether a worker or relay of this machine gave a sign of life within a minute; else exit 1."""
    _body("alive").run(environment.prepare().var, process, click.echo)


@placet.group()
def organisation() -> None:
    """Businesses of this installation."""


@organisation.command("add")
@click.option("--slug", required=True, help="Short name, by which other commands know it.")
@click.option("--name", required=True)
@click.option("--currency", default="EUR", show_default=True)
def add_organisation(slug: str, name: str, currency: str) -> None:
    """Add a business that runs the shipped diagrams and tables; add its people next."""
    with environment.application().app_context():
        click.echo(_body("people").add_organisation(slug, name, currency))


@placet.group()
def user() -> None:
    """People who can sign in."""


@user.command("add")
@click.option("--org", required=True, help="Short name of the organisation.")
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--role", "roles", multiple=True, help="May be given several times.")
@click.option("--team", "teams", multiple=True, help="Key of a team; may be given several times.")
@click.password_option(help="Asked for when it is not given.")
def add_user(
    org: str, email: str, name: str, roles: tuple[str, ...], teams: tuple[str, ...], password: str
) -> None:
    """Add a person."""
    with environment.application().app_context():
        click.echo(_body("people").add_user(org, email, name, password, roles, teams))


@user.command("password")
@click.argument("email")
@click.password_option(help="Asked for when it is not given.")
@click.option("--revoke-tokens", is_flag=True, help="End their API tokens too.")
def set_user_password(email: str, password: str, revoke_tokens: bool) -> None:
    """Give a person a new password; their sessions end and a locked sign-in opens again."""
    with environment.application().app_context():
        click.echo(_body("people").set_user_password(email, password, revoke_tokens))


@placet.group()
def token() -> None:
    """Keys of programs."""


@token.command("add")
@click.option("--email", required=True, help="Whose rights the token has.")
@click.option("--name", default="token", show_default=True)
@click.option("--scope", "scopes", multiple=True, required=True, help="Such as orders:write; or *.")
@click.option("--days", type=click.IntRange(1, 3650), help="How long it works (default: until revoked).")
def add_token(email: str, name: str, scopes: tuple[str, ...], days: int | None) -> None:
    """Make a token; its secret is printed this once."""
    with environment.application().app_context():
        click.echo(_body("people").add_token(email, name, scopes, days))


@placet.command("import-needs")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--org", required=True, help="Short name of the organisation.")
def import_needs(file: Path, org: str) -> None:
    """Keep the needs of a CSV file; rows not kept, and customers not known, are named by their line."""
    with environment.application().app_context():
        if not _body("import_needs").run(file, org, click.echo):
            sys.exit(1)


@placet.command()
@click.option("--url", help="Address of the running Placet (default: the one in demo.json).")
@click.option("--until", type=click.Choice(["closed", "approved"]), default="closed", show_default=True)
@click.option("--order", help="Number of an order to go on with, instead of a new one.")
def walk(url: str | None, until: str, order: str | None) -> None:
    """Take one order from a need to closed through the API of a running Placet."""
    demo = environment.prepare().var / "demo.json"
    _body("walk").run(url, demo, until, order, click.echo)


@placet.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def postman(file: Path) -> None:
    """Write the API as a Postman collection: docs/api/placet.postman_collection.json."""
    with environment.application().app_context():
        _body("postman").run(file)
    click.echo(file)


@placet.group()
def rules() -> None:
    """Decision tables in files, without a server or a database."""


DMN_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@rules.command("check")
@DMN_FILE
def check_rules(file: Path) -> None:
    """Look into the tables of a DMN file; exit 1 where something keeps it from being published."""
    if not _body("rules").check(file, click.echo):
        sys.exit(1)


@rules.command("test")
@DMN_FILE
@click.option(
    "--tests", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Default: beside it."
)
@click.option("--decision", help="Default: the one of the file's name, else the first with a table.")
@click.option("--propose", is_flag=True, help="Also print the cases that are worth adding, as CSV.")
def test_rules(file: Path, tests: Path | None, decision: str | None, propose: bool) -> None:
    """Run the .tests.csv beside a DMN file; exit 1 where a case fails or a rule is hit by none."""
    if not _body("rules").test(file, tests, decision, propose, click.echo):
        sys.exit(1)


@rules.command("eval")
@DMN_FILE
@click.option("--decision", required=True, help="Its id or name.")
@click.option("--input", "given", default="{}", help="JSON object of inputs by name; - reads standard input.")
def eval_rules(file: Path, decision: str, given: str) -> None:
    """Decide one case and print, as JSON, the answer with the rules that it rests on."""
    _body("rules").evaluate(file, decision, given, click.echo)


placet.add_command(insights)


@placet.group()
def audit() -> None:
    """The record of everything that happened."""


@audit.command()
@click.option("--org", help="Only this organisation (its short name); all of them without it.")
def verify(org: str | None) -> None:
    """Prove the record: exit 0 and "audit ok", or exit 1 and what is broken."""
    with environment.application().app_context():
        if not _body("audit").run(environment.prepare(), org, click.echo):
            sys.exit(1)


def main() -> None:
    """Run a command; what we raise on purpose is one line on standard error and exit code 1."""
    try:
        placet(prog_name="placet")
    except InvalidError as error:
        wrong = [f"\n  {field}: {' '.join(found)}" for field, found in error.fields.items()]
        sys.exit(f"placet: {error}{''.join(wrong)}")
    except (ProcessError, PlacetError) as error:
        sys.exit(f"placet: {error}")


if __name__ == "__main__":
    main()
