"""`placet insights …`: what can be asked of the models; each body is loaded only when it is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import click


@click.group()
def insights() -> None:
    """What needs and orders tell, learned without a server or a database."""


# What each subject is measured on, by its option; `--X-train` and `--X-test` give it apart.
SUBJECT_FILES = {
    "texts": "Texts with their need types (CSV: text, category)",
    "households": "Baskets of households (Parquet, as the Complete Journey)",
    "bookings": "Hotel bookings with their outcome (CSV)",
    "log": "An event log (XES)",
}


def _subject_files(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that name a subject's file, or its two halves."""
    for name, what in reversed(SUBJECT_FILES.items()):
        for half, told in (("-test", "to measure on"), ("-train", "to train on"), ("", "split by us")):
            file = click.Path(exists=True, dir_okay=False, path_type=Path)
            command = click.option(f"--{name}{half}", type=file, help=f"{what}; {told}.")(command)
    return command


@insights.command("clusters")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--k", type=click.IntRange(1, 1000), default=3, show_default=True, help="How many clusters.")
@click.option("--scaled", is_flag=True, help="Let every column weigh the same, whatever its unit.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True)
def cluster_needs(file: Path, k: int, scaled: bool, seed: int) -> None:
    """Add up FILE.csv by its column need_type, and put its rows into k clusters by their numbers."""
    import_module("tasks.commands.clusters").show(file, k, scaled, seed, click.echo)


@insights.command("evaluate")
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder in which each subject's file has its usual name.",
)
@_subject_files
@click.option("--only", multiple=True, help="Measure this subject alone; may be given several times.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=20161101, show_default=True)
@click.option(
    "--json", "out", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here."
)
def evaluate_insights(
    data: Path | None, only: tuple[str, ...], seed: int, out: Path | None, **files: Path | None
) -> None:
    """Measure every model against its baseline; in a checkout, write docs/insights.md's tables."""
    body = import_module("tasks.commands.insights")
    given = {}
    for name in SUBJECT_FILES:
        whole, train, test = (files[f"{name}{half}"] for half in ("", "_train", "_test"))
        if bool(train) != bool(test) or (whole and (train or test)):
            raise click.UsageError(f"give --{name}, or --{name}-train with --{name}-test")
        if whole or train:
            given[name] = body.Files(whole, train, test, data)
    if not (data or given):
        raise click.UsageError("give --data, or a subject's file")
    body.evaluate(data, given, only, seed, out, click.echo, partial(click.echo, err=True))


@insights.command("experiment")
@click.option(
    "--kind", type=click.Choice(["proportion", "mean", "count"]), default="proportion", show_default=True
)
@click.option(
    "--mean", type=float, required=True, help="The control's share, mean amount, or events of a unit."
)
@click.option(
    "--spread",
    type=float,
    default=1.0,
    show_default=True,
    help="Standard deviation of an amount; of events, how many times the mean the variance is.",
)
@click.option(
    "--effect",
    type=float,
    default=0.0,
    show_default=True,
    help="Relative effect of the last variant (0.1 is 10 %).",
)
@click.option("--units", type=click.IntRange(40, 10_000_000), required=True, help="Planned units altogether.")
@click.option("--variants", type=click.IntRange(2, 6), default=2, show_default=True, help="With the control.")
@click.option("--looks", type=click.IntRange(1, 20), default=5, show_default=True)
@click.option("--alpha", type=click.FloatRange(0.001, 0.2), default=0.05, show_default=True)
@click.option("--runs", type=click.IntRange(100, 100_000), default=2000, show_default=True)
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=20161101, show_default=True)
def play_experiment(**asked: Any) -> None:
    """Play an experiment many times: how often it calls a difference, where there is one or none."""
    import_module("tasks.commands.experiment").run(
        **asked, say=click.echo, note=partial(click.echo, err=True)
    )
