"""What a customer buys next is measured on a file of baskets, whole or in two parts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from app.insights.learning.errors import LearningError, TooLittleDataError
from app.insights.learning.evaluation import Files, baskets, recommend

BEGIN = pd.Timestamp(2025, 1, 1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty households of two tastes, each with a few products that come again and some that are new."""
    folder, random = tmp_path_factory.mktemp("baskets"), np.random.default_rng(7)
    rows = []
    for household in range(60):
        usual = random.choice(30, 6, replace=False) + 30 * (household % 2)
        for day in range(household % 5, 140, 6):
            new = random.integers(0, 30, 2) + 30 * (household % 2)
            products = set(random.choice(usual, 4, replace=False)) | set(new)
            moment = BEGIN + pd.Timedelta(days=day, hours=12)
            rows += [(household, 1, household * 1_000 + day, product, moment) for product in products]
    columns = ["household_id", "store_id", "basket_id", "product_id", "ts"]
    pd.DataFrame(rows, columns=columns).to_parquet(folder / "whole.parquet")
    products = pd.DataFrame({"product_id": range(60)})
    products["product_type"] = [f"type {number % 40}" for number in range(60)]
    products["department"] = [f"department {number % 4}" for number in range(60)]
    products.to_parquet(folder / "complete_journey_products.parquet")
    return folder


def test_files_given_apart_measure_as_one_file_does(folder: Path) -> None:
    whole = pd.read_parquet(folder / "whole.parquet")
    test = whole["ts"] >= whole["ts"].max().to_period("M").to_timestamp()
    whole[~test].to_parquet(folder / "train.parquet")
    whole[test].to_parquet(folder / "test.parquet")

    one = recommend.evaluate(Files(whole=folder / "whole.parquet"), 1, str)
    two = recommend.evaluate(Files(train=folder / "train.parquet", test=folder / "test.parquet"), 1, str)

    assert one.figures == pytest.approx(two.figures)
    assert {"recommend.recall_ratio", "recommend.ndcg_ratio", "recommend.explore_ratio"} <= set(one.figures)
    assert one.figures["recommend.explore_ratio"] > 1  # tastes are two: popularity cannot tell them apart
    assert any("kNN" in row.baseline_is for row in one.comparisons)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(lambda rows: rows.drop(columns="basket_id"), "basket_id: there is no", id="no column"),
        pytest.param(lambda rows: rows.assign(ts="soon"), "ts: is not a moment", id="no moments"),
        pytest.param(lambda rows: rows.assign(store_id=None), "store_id: has empty cells", id="empty cells"),
        pytest.param(lambda rows: rows[:0], "is empty", id="no rows"),
    ],
)
def test_a_misshapen_file_is_named_with_its_column(folder: Path, change, message: str) -> None:  # type: ignore[no-untyped-def] # pandas has no types
    change(pd.read_parquet(folder / "whole.parquet")).to_parquet(folder / "wrong.parquet")

    with pytest.raises(LearningError, match=rf"wrong\.parquet: {message}"):
        recommend.evaluate(Files(whole=folder / "wrong.parquet"), 1, str)


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda moments: moments.astype(str), id="texts"),
        pytest.param(lambda moments: moments.dt.tz_localize("UTC"), id="with their zone"),
    ],
)
def test_moments_may_be_written_in_other_ways(folder: Path, write) -> None:  # type: ignore[no-untyped-def] # pandas has no types
    whole = pd.read_parquet(folder / "whole.parquet")
    whole.assign(ts=write(whole["ts"])).to_parquet(folder / "other.parquet")

    plain, other = (baskets.read(Files(whole=folder / name)) for name in ("whole.parquet", "other.parquet"))

    assert (plain.begin, plain.test_begins) == (other.begin, other.test_begins)
    assert (plain.by_type.day == other.by_type.day).all()


def test_too_few_households_are_said_to_be_so(folder: Path) -> None:
    whole = pd.read_parquet(folder / "whole.parquet")
    whole[whole["household_id"] < 3].to_parquet(folder / "few.parquet")

    with pytest.raises(TooLittleDataError, match="too few products that several customers bought: 0, and 10"):
        recommend.evaluate(Files(whole=folder / "few.parquet"), 1, str)


def test_what_is_not_parquet_and_a_file_without_its_products_are_named(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "wrong.parquet").write_text("no")
    (tmp_path / "alone.parquet").write_bytes((folder / "whole.parquet").read_bytes())

    with pytest.raises(LearningError, match="cannot be read as Parquet"):
        recommend.evaluate(Files(whole=tmp_path / "wrong.parquet"), 1, str)
    with pytest.raises(LearningError, match=r"needs complete_journey_products\.parquet beside it"):
        recommend.evaluate(Files(whole=tmp_path / "alone.parquet"), 1, str)
