"""``[[person]]`` and ``[access]``: who the people are, how they are reached, and who may do what."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from artisan_tui.config.base import Frozen, Id
from artisan_tui.config.maintenance import ZoneName
from artisan_tui.config.problems import Mistake
from artisan_tui.config.raw import Finding, LineOf, Table, duplicates, tables


def _one_line(value: str) -> str:
    if not value.isprintable():
        raise Mistake("control characters cannot be part of an address", "write it on one line")
    return value


def _email(value: str) -> str:
    name, sign, host = value.rpartition("@")
    if not sign or not name or not host or any(each.isspace() for each in value):
        raise Mistake("this is not a mail address", 'write it like "alice@example.com"')
    return value


Contact = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_one_line)]
#: The name of a login, or "*" for every login, or "group:NAME" for the members of a system group.
Login = Annotated[str, Field(pattern=r"^(\*|(group:)?[A-Za-z0-9_][A-Za-z0-9_.@-]{0,62})$")]


class Contacts(Frozen):
    """Where a person is reached. A person without any contact counts as nobody on call."""

    slack: Annotated[Contact | None, Field(description="Slack member id, like U012AB3CD")] = None
    email: Annotated[Annotated[Contact, AfterValidator(_email)] | None, Field(description="Mail address")] = None
    pagerduty: Annotated[Contact | None, Field(description="PagerDuty user id")] = None
    phone: Annotated[Contact | None, Field(description="Phone number; shown, never called")] = None

    @property
    def any(self) -> bool:
        """Whether there is any way to reach the person."""
        return any((self.slack, self.email, self.pagerduty, self.phone))


class Person(Frozen):
    """``[[person]]``: somebody who can be on call."""

    id: Annotated[Id, Field(description="Also the login that acts as this person, unless `logins` names others")]
    name: Annotated[str, Field(max_length=80, description="Shown instead of the id")] = ""
    logins: Annotated[
        tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,62}$")], ...],
        Field(description="Logins of the system that are this person; default: the id"),
    ] = ()
    zone: Annotated[ZoneName | None, Field(description="Time zone of this person; else [artisan].timezone")] = None
    role: Annotated[str, Field(max_length=80, description="What the person does, such as dba; shown")] = ""
    contacts: Annotated[Contacts, Field(description="Where this person is reached")] = Contacts()

    def acts_as(self, login: str) -> bool:
        """Whether this login of the system is this person."""
        return login in (self.logins or (self.id,))


class AccessRoles(Frozen):
    """``[access]``: logins or "group:NAME" by role. Without the table every login is commander."""

    viewer: Annotated[tuple[Login, ...], Field(description="Who may look")] = ("*",)
    responder: Annotated[tuple[Login, ...], Field(description="Who may acknowledge, note and run")] = ()
    commander: Annotated[tuple[Login, ...], Field(description="Who may do everything")] = ()


def people_findings(document: Table, line_of: LineOf) -> Iterator[Finding]:
    """Ids are used once, and a login is one person only."""
    people = tables(document, (), "person")
    yield from duplicates(people, line_of)
    owner: dict[str, str] = {}
    for at, person in people:
        name = str(person.get("id"))
        logins = person.get("logins")
        for login in logins if isinstance(logins, list) and logins else [name]:
            if isinstance(login, str) and owner.setdefault(login, name) != name:
                what = f"the login {login[:80]!r} is already the person {owner[login][:80]!r}"
                yield (*at, "logins"), what, "a login is one person; take it out of one of the two"
    access = document.get("access")
    if isinstance(access, Mapping) and not access.get("commander"):
        what = "nobody is commander, so nobody may close an incident or change who is on call"
        yield ("access",), what, 'add commander = ["a-login"] or commander = ["group:NAME"]'


def person_ids(document: Table) -> Collection[str]:
    """The ids of all persons of the raw document."""
    return [name for _, person in tables(document, (), "person") if isinstance(name := person.get("id"), str)]
