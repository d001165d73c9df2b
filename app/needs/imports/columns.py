"""Which column of a file says what: found by the names that people give them, in both languages."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

# Header names as people write them; spaces, hyphens, underscores and capitals make no difference.
COLUMNS = {
    "need_type": (
        "need_type", "type", "category", "topic", "intent", "需求类型", "类型", "类别", "分类",
    ),
    "customer": (
        "customer", "customer_number", "customer_name", "customer id", "client", "company", "account",
        "客户", "客户编号", "客户名称", "客户姓名", "公司",
    ),
    "text": (
        "text", "description", "need", "message", "comment", "details", "request",
        "需求", "描述", "内容", "需求描述", "需求内容", "留言", "备注",
    ),
    "channel": ("channel", "source", "渠道", "来源"),
    "quantity": ("quantity", "qty", "count", "数量", "件数"),
    "value": ("value", "amount", "budget", "estimated value", "金额", "价值", "预算", "总价"),
    "currency": ("currency", "币种", "货币"),
    "created_on": (
        "created_on", "created", "created at", "date", "timestamp", "日期", "创建日期", "时间", "创建时间",
    ),
}  # fmt: skip
# What stands before the columns of a file of refused rows.
OF_REFUSED = ("line", "reason")
REQUIRED = ("need_type", "text")
_BETWEEN = re.compile(r"[\s_\-.]+")


def plain(name: str) -> str:
    """Return a name as it is compared: what people write differently makes no difference."""
    return _BETWEEN.sub(" ", name.strip().strip("\ufeff").casefold()).strip()


_FIELDS = {plain(spelling): name for name, spellings in COLUMNS.items() for spelling in spellings}


def field_of(written: str) -> str | None:
    """Return which of our fields a column is by its name; None where it is none of them."""
    return _FIELDS.get(plain(written))


def guess(header: Sequence[str]) -> list[str]:
    """Return for each column the field that it probably is, each field once; empty for none."""
    found: list[str] = []
    for written in header:
        name = field_of(written) or ""
        found.append(name if name not in found else "")
    return found


def given(header: Sequence[str]) -> int:
    """Return where the columns begin that somebody gave: after ours, in a file of refused rows."""
    ours = tuple(plain(name) for name in header[: len(OF_REFUSED)])
    return len(OF_REFUSED) if ours == OF_REFUSED else 0


def known_by(header: Sequence[str]) -> str:
    """Return what files with these columns, in whatever order, are remembered by."""
    names = sorted(plain(name) for name in header[given(header) :])
    return hashlib.sha256("\x1f".join(names).encode()).hexdigest()
