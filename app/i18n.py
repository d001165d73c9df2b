"""English and Chinese: whose language a request speaks, and how it writes money, moments and days."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_currency, format_decimal
from flask import Flask, request
from flask_babel import Babel, gettext, ngettext

from app.accounts.door import find_actor_quietly
from app.moments import utc_now
from app.wording import translated

LANGUAGES = {"en": "English", "zh_Hans_CN": "简体中文"}
HTML_LANGUAGE = {"en": "en", "zh_Hans_CN": "zh-CN"}
# Where a page for everybody notes the language that its address asks for.
ASKED = "placet.language"
COOKIE = "placet_lang"


def init(app: Flask) -> None:
    """Wire languages and formats into templates."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    Babel(app, locale_selector=language)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.filters.update(
        translated=translated,
        money=money,
        number=number,
        moment=moment,
        day=day,
        due=due,
        late=late,
        ago=ago,
        plain=plain,
        percent=percent,
    )


def language() -> str:
    """Return what the address asks for, else the person's, the cookie's, the browser's, or English."""
    if asked := request.environ.get(ASKED):
        return str(asked)
    actor = find_actor_quietly()
    chosen = (actor.locale if actor else None) or request.cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return chosen
    wanted = request.accept_languages.best_match(["en", "zh-CN", "zh-Hans", "zh"]) or "en"
    return "zh_Hans_CN" if wanted.startswith("zh") else "en"


def money(amount: Decimal | None, currency: str | None) -> str:
    """Write an amount with its currency; never rounded beyond the currency's own places."""
    if amount is None or currency is None:
        return ""
    return format_currency(amount, currency, locale=language())


def number(value: Decimal | int | None) -> str:
    """Write a quantity or a percentage without needless zeros."""
    if value is None:
        return ""
    return format_decimal(Decimal(value).normalize(), locale=language(), decimal_quantization=False)


def percent(value: Decimal | int | None) -> str:
    """Write a share of a hundred to one decimal: more would claim more than it says."""
    return "" if value is None else format_decimal(Decimal(value), "#,##0.#", locale=language()) + " %"


def plain(value: Decimal | int | str | None) -> str:
    """Write a number as an input field holds it: a point, no grouping, no needless zeros."""
    if value is None or value == "":
        return ""
    return f"{Decimal(value).normalize():f}" if not isinstance(value, str) else value


def moment(value: datetime | None) -> str:
    """Write a moment: the hour while it is today, the day too otherwise; in UTC."""
    if value is None:
        return ""
    value = value.astimezone(UTC)
    if value.date() == utc_now().date():
        return format_time(value, "HH:mm", locale=language())
    return format_datetime(value, gettext("d MMM yyyy, HH:mm"), locale=language())


def day(value: date | datetime | None) -> str:
    if value is None:
        return ""
    return format_date(value, gettext("d MMM yyyy"), locale=language())


def due(value: datetime | None) -> str:
    """Say a deadline as people do: "3 h late", "14:40, in 3 h", or the day."""
    if value is None:
        return ""
    minutes = int((value - utc_now()).total_seconds() // 60)
    if minutes < 0:
        return gettext("%(time)s late", time=_span(-minutes))
    if minutes < 24 * 60:
        clock = format_time(value.astimezone(UTC), "HH:mm", locale=language())
        return gettext("%(clock)s, in %(time)s", clock=clock, time=_span(minutes))
    return day(value)


def late(value: datetime | None) -> str:
    """Say how late it is; nothing while there is time."""
    return due(value) if value is not None and value < utc_now() else ""


def ago(value: datetime | None) -> str:
    if value is None:
        return ""
    minutes = int((utc_now() - value).total_seconds() // 60)
    return gettext("just now") if minutes < 1 else gettext("%(time)s ago", time=_span(minutes))


def _span(minutes: int) -> str:
    if minutes < 60:
        return gettext("%(n)s min", n=minutes)
    if minutes < 48 * 60:
        return gettext("%(n)s h", n=minutes // 60)
    days = minutes // (24 * 60)
    return ngettext("%(num)s day", "%(num)s days", days)
