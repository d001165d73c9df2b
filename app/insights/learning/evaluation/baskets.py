"""Baskets of households as files hold them, read and checked: Complete Journey, or a file of its shape."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from app.insights.learning.errors import MisshapenFileError
from app.insights.learning.evaluation.files import Files
from app.insights.learning.recommend.novelties import Products
from app.insights.learning.recommend.purchases import Purchases
from app.wording import worded

PRODUCTS = "complete_journey_products.parquet"
COLUMNS = ("household_id", "store_id", "basket_id", "product_id", "ts")
OF_PRODUCTS = ("product_id", "product_type", "department")


@dataclass(frozen=True, slots=True)
class Baskets:
    """The same purchases by product and by type; days from `now`, so that the test begins at 0."""

    by_product: Purchases
    by_type: Purchases
    products: Products
    begin: float
    until: float
    test_begins: str


def read(files: Files) -> Baskets:
    """Read one file, whose last month is the test, or two; raise MisshapenFileError naming what is wrong."""
    if files.parts:
        train, test = (_table(each, COLUMNS) for each in files.parts)
        now = test["ts"].min().normalize()
        until = test["ts"].max() + pd.Timedelta(seconds=1)
        rows = pd.concat([train[train["ts"] < now], test], ignore_index=True)
    else:
        rows = _table(files.needed(), COLUMNS)
        now = rows["ts"].max().to_period("M").to_timestamp()
        until = rows["ts"].max() + pd.Timedelta(seconds=1)
    beside = files.companion(PRODUCTS)
    if beside is None:
        named = files.whole or files.train or Path(PRODUCTS)
        raise MisshapenFileError(named, worded("needs {name} beside it, or in --data", name=PRODUCTS))
    products = _table(beside, OF_PRODUCTS).drop_duplicates("product_id")
    rows = rows.merge(products, on="product_id", how="left")
    rows["day"] = (rows["ts"] - now).dt.total_seconds() / 86_400
    rows["customer"] = pd.factorize(rows["household_id"], sort=True)[0]
    rows["place"] = pd.factorize(rows["store_id"], sort=True)[0]
    rows["basket"] = pd.factorize(rows["basket_id"], sort=True)[0]
    by_product, ids = _purchases(rows, "product_id")
    by_type, _ = _purchases(rows.dropna(subset=["product_type"]), "product_type")
    of = products.set_index("product_id").reindex(ids)
    kinds = Products(*(pd.factorize(of[name].fillna(""))[0] for name in ("product_type", "department")))
    seconds = (until - now).total_seconds()
    begin = float(rows["day"].min())
    return Baskets(by_product, by_type, kinds, begin, seconds / 86_400, f"{now:%Y-%m-%d}")


def _table(file: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    try:
        table = pd.read_parquet(file)
    except (ValueError, OSError) as error:
        raise MisshapenFileError(file, worded("cannot be read as Parquet: {why}", why=str(error))) from None
    for column in columns:
        if column not in table:
            raise MisshapenFileError(file, worded("there is no such column"), column)
    needed = [column for column in columns if column in COLUMNS]
    for column in needed:
        if table[column].isna().any():
            raise MisshapenFileError(file, worded("has empty cells"), column)
    if "ts" in columns:
        if table.empty:
            raise MisshapenFileError(file, worded("is empty"))
        table["ts"] = _moments(file, table["ts"])
    return table[list(columns)]


def _moments(file: Path, written: pd.Series) -> pd.Series:
    """Return moments without a zone, also of texts such as 2017-11-01 10:05:00; numbers are none."""
    read = written
    if pd.api.types.is_string_dtype(written):
        read = pd.to_datetime(written, format="ISO8601", errors="coerce")
    if not pd.api.types.is_datetime64_any_dtype(read) or read.isna().any():
        raise MisshapenFileError(file, worded("is not a moment"), "ts")
    return read.dt.tz_localize(None)


def _purchases(rows: pd.DataFrame, column: str) -> tuple[Purchases, np.ndarray]:
    once = rows.drop_duplicates(["basket", column])
    item, names = pd.factorize(once[column], sort=True)
    bought = Purchases(
        customer=once["customer"].to_numpy(),
        item=item,
        basket=once["basket"].to_numpy(),
        day=once["day"].to_numpy(),
        place=once["place"].to_numpy(),
        customers=int(rows["customer"].max()) + 1,
        items=len(names),
        places=int(rows["place"].max()) + 1,
    )
    return bought, np.asarray(names)
