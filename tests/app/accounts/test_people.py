"""People and teams: what an administrator may say of them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.accounts import commands, queries
from app.accounts.models import Person
from app.database import reading, transaction
from app.errors import InvalidError, NotFoundError, RefusedError
from tests.builders import Firm


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"email": "no address"}, "email", id="no address"),
        pytest.param({"name": "  "}, "name", id="an empty name"),
        pytest.param({"password": "short"}, "password", id="a short password"),
        pytest.param({"roles": ["king"]}, "roles", id="an unknown role"),
        pytest.param({"teams": ["nowhere"]}, "teams", id="an unknown team"),
    ],
)
def test_a_person_with_a_wrong_field_is_not_added(firm: Firm, changes: dict[str, object], field: str) -> None:
    person: dict[str, object] = {
        "email": "new@example.com",
        "name": "New",
        "password": "long enough",
        "roles": [],
        "teams": [],
    }

    with pytest.raises(InvalidError) as refused:
        commands.add_person(firm.org_id, None, **{**person, **changes})  # type: ignore[arg-type] # the wrong one is the test

    assert field in refused.value.fields


def test_an_address_belongs_to_one_person_only(firm: Firm, stranger: Firm) -> None:
    with pytest.raises(InvalidError, match="taken"):
        commands.add_person(
            stranger.org_id, None, email=firm.email("sales"), name="X", password=None, roles=[]
        )


def test_only_an_administrator_changes_people(firm: Firm) -> None:
    with pytest.raises(RefusedError, match="administrator"):
        commands.change_person(firm["sales"], firm["lead"].person_id, roles=[])


def test_another_organisations_person_does_not_exist(firm: Firm, stranger: Firm) -> None:
    with pytest.raises(NotFoundError):
        commands.change_person(firm["admin"], stranger["sales"].person_id, roles=[])


def test_a_persons_teams_are_replaced(firm: Firm) -> None:
    packer = firm["packer"].person_id

    commands.change_person(firm["admin"], packer, teams=["warehouse", "operations"])

    with reading(firm.org_id) as tx:
        teams = {team.id: team.key for team in queries.list_teams(tx)}
        mine = {teams[t] for t, members in queries.members_by_team(tx).items() if packer in members}
    assert mine == {"warehouse", "operations"}


def test_a_row_of_another_organisation_cannot_be_written(firm: Firm, stranger: Firm) -> None:
    def write_across() -> None:
        with transaction(firm.org_id) as tx:
            person = tx.session.scalars(select(Person).limit(1)).one()
            person.org_id = stranger.org_id

    with pytest.raises(AssertionError, match="another organisation"):
        write_across()


def test_settings_of_ones_own_are_kept(firm: Firm) -> None:
    commands.change_settings(firm["sales"], theme="dark", locale="zh_Hans_CN", keys_on=False)

    with reading(firm.org_id) as tx:
        person = tx.session.get(Person, firm["sales"].person_id)
    assert person is not None
    assert (person.theme, person.locale, person.keys_on) == ("dark", "zh_Hans_CN", False)


def test_an_unknown_setting_is_refused(firm: Firm) -> None:
    with pytest.raises(InvalidError):
        commands.change_settings(firm["sales"], roles="administrator")
