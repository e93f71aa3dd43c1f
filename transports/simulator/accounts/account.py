"""An account: its records, kept whole. Every operation either leaves them consistent or raises and changes nothing.

What belongs where: a number belongs to a location, a location has at most one application, a message names an
application. So a location that still has numbers, or an application that a location still uses, cannot be removed.
"""

import re
from collections.abc import Collection
from typing import Any, Final
from urllib.parse import urlsplit

from msgcore.errors import LocalError
from msgcore.wire.rules import sender_problem
from transports.simulator.accounts.inventory import sample_offers
from transports.simulator.accounts.office import HOME_SITE_ID, Office, Site
from transports.simulator.accounts.profiles import V2_NOW
from transports.simulator.accounts.records import (
    AccountRecord,
    Application,
    Credential,
    Location,
    Number,
    NumberClass,
    Settings,
    class_by_form,
)
from transports.simulator.accounts.zones import HOME_ZONES, check_zones, zone_of

SAMPLE_ACCOUNT_ID: Final = "9900000"
SAMPLE_APPLICATION_ID: Final = "0f0e0d0c-0b0a-4a09-8807-060504030201"
SAMPLE_LOCATION_ID: Final = "500001"
SAMPLE_NUMBERS: Final = (
    ("+19195550100", NumberClass.A2P_LONG_CODE),
    ("+19195550101", NumberClass.A2P_LONG_CODE),
    ("+19195550102", NumberClass.P2P_LONG_CODE),
    ("+18005550100", NumberClass.TOLL_FREE),
    ("72345", NumberClass.SHORT_CODE),
    ("Msgcore", NumberClass.ALPHANUMERIC),
)
"""Long code numbers of the sample account are reserved for fiction: nobody answers them anywhere."""

# "Allowed callback ports: 80, 443 and everything >= 1024."
_LOW_PORTS: Final = (80, 443)

# RFC 3986, 2: neither blanks nor control characters; some parsers drop them unasked, so that another URL is meant.
_UNSPEAKABLE: Final = re.compile(r"[\x00-\x20\x7f]")


class Account:
    """One account of the provider.

    >>> account = Account.sample()
    >>> account.number("+19195550100").location_id, account.application_of("+19195550100").name
    ('500001', 'sample application')
    """

    __slots__ = (
        "_applications",
        "_credentials",
        "_locations",
        "_longest_beginning",
        "_numbers",
        "_settings",
        "id",
        "office",
        "opt_outs",
    )

    def __init__(self, id: str, settings: Settings | None = None) -> None:
        self.id = id
        self.settings = Settings() if settings is None else settings
        self._credentials: dict[str, Credential] = {}
        self._applications: dict[str, Application] = {}
        self._locations: dict[str, Location] = {}
        self._numbers: dict[str, Number] = {}
        self.opt_outs: set[tuple[str, str]] = set()  # (number of the account, who wants nothing more from it)
        self.office = Office()

    @classmethod
    def sample(
        cls, id: str = SAMPLE_ACCOUNT_ID, *, settings: Settings | None = None, url: str | None = None
    ) -> "Account":
        """Return an account that can be used at once: one application, one location, a number of each class."""
        account = cls(id, Settings(zone_map=dict(HOME_ZONES)) if settings is None else settings)
        account.put_application(Application(id=SAMPLE_APPLICATION_ID, name="sample application", callback_url=url))
        account.office.sites[HOME_SITE_ID] = Site(id=HOME_SITE_ID, name="sample", description="the sample site")
        account.office.for_sale = sample_offers()
        account.put_location(
            Location(
                id=SAMPLE_LOCATION_ID,
                name="sample location",
                application_id=SAMPLE_APPLICATION_ID,
                site_id=HOME_SITE_ID,
                is_default=True,
            )
        )
        for number, number_class in SAMPLE_NUMBERS:
            chosen = "OFF" if number_class is NumberClass.P2P_LONG_CODE else "SYSTEM_DEFAULT"
            account.put_number(
                Number(number=number, number_class=number_class, location_id=SAMPLE_LOCATION_ID, a2p_state=chosen)
            )
        return account

    @classmethod
    def open(
        cls,
        id: str,
        rate: float,
        queue_seconds: float,
        applications: Collection[str] | None = None,
        calling_codes: Collection[int] | None = None,
    ) -> "Account":
        """Return an account that owns every sender; ``None`` is every application, and every country."""
        zone_map = None if calling_codes is None else dict.fromkeys(map(str, calling_codes), 1)
        account = cls(
            id,
            Settings(
                rate=rate,
                queue_seconds=queue_seconds,
                open_senders=True,
                open_applications=applications is None,
                zone_map=zone_map,
            ),
        )
        for application in applications or ():
            account.put_application(Application(id=application))
        return account

    # --------------------------------------------------------------------------------------------------------- asking

    @property
    def credentials(self) -> tuple[Credential, ...]:
        """All of them, oldest first; so are the others."""
        return tuple(self._credentials.values())

    @property
    def applications(self) -> tuple[Application, ...]:
        """Where events can go."""
        return tuple(self._applications.values())

    @property
    def locations(self) -> tuple[Location, ...]:
        """What holds the numbers together."""
        return tuple(self._locations.values())

    @property
    def numbers(self) -> tuple[Number, ...]:
        """What messages can be sent from and to."""
        return tuple(self._numbers.values())

    def credential(self, user: str) -> Credential | None:
        """Return the credential of a user (or token); comparing secrets is left to who has one."""
        return self._credentials.get(user)

    def application(self, id: str) -> Application | None:
        """Return an application by its id."""
        return self._applications.get(id)

    def location(self, id: str) -> Location | None:
        """Return a location by its id."""
        return self._locations.get(id)

    def number(self, number: str) -> Number | None:
        """Return a number, as it stands in ``from`` or ``to``."""
        return self._numbers.get(number)

    @property
    def settings(self) -> Settings:
        """What holds for all of it."""
        return self._settings

    @settings.setter
    def settings(self, settings: Settings) -> None:
        self._settings = settings
        self._longest_beginning = max(map(len, settings.zone_map or ()), default=0)  # asked for with every message

    def owns(self, number: str) -> bool:
        """Whether a number is one of the account's."""
        return number in self._numbers

    def class_of(self, sender: str) -> NumberClass:
        """Return the class of a number of the account, or the one its form shows."""
        number = self._numbers.get(sender)
        return class_by_form(sender) if number is None else number.number_class

    def rate_of(self, sender: str) -> float | None:
        """Return the sender's own limit in segments per second, ``None`` where it has none."""
        number = self._numbers.get(sender)
        return None if number is None else number.own_rate

    def location_of(self, sender: str) -> Location | None:
        """Return the location a number belongs to."""
        number = self._numbers.get(sender)
        return None if number is None else self._locations[number.location_id]

    def application_of(self, number: str) -> Application | None:
        """Return the application that gets what comes in for a number."""
        location = self.location_of(number)
        if location is None or location.application_id is None:
            return None
        return self._applications[location.application_id]

    def zone_of(self, recipient: str) -> int:
        """Return the zone a recipient lies in, 0 for none."""
        zone_map = self._settings.zone_map
        return 1 if zone_map is None else zone_of(recipient, zone_map, self._longest_beginning)

    def opted_out(self, sender: str, recipient: str) -> bool:
        """Whether ``recipient`` has told ``sender`` to stop."""
        return bool(self.opt_outs) and (sender, recipient) in self.opt_outs

    # ------------------------------------------------------------------------------------------------------- changing

    def put_credential(self, credential: Credential) -> None:
        """Create a credential, or change the one of that user."""
        if not credential.user:
            raise LocalError("user: expected a name, got nothing")
        if ":" in credential.user:  # RFC 7617, 2: "a user-id containing a colon character is invalid"
            raise LocalError(f"user {credential.user!r}: Basic credentials cannot carry a colon in it")
        self._credentials[credential.user] = credential

    def put_application(self, application: Application) -> None:
        """Create an application, or replace the one of that id."""
        for url in (application.callback_url, application.inbound_url, application.outbound_url):
            if url is not None and (problem := _url_problem(url)):
                raise LocalError(f"callback URL {url!r}: {problem}")
        unknown = set(application.callback_types or ()) - V2_NOW.event_types
        if unknown:
            raise LocalError(f"callback_types: expected some of {sorted(V2_NOW.event_types)}, got {sorted(unknown)}")
        if application.batch_limit < 1:
            raise LocalError(f"batch_limit: expected at least 1, got {application.batch_limit}")
        self._applications[_id(application.id)] = application

    def put_location(self, location: Location) -> None:
        """Create a location, or replace the one of that id."""
        check_zones(location.zones)
        if location.application_id is not None and location.application_id not in self._applications:
            raise LocalError(f"application_id: there is no application {location.application_id!r}")
        self._locations[_id(location.id)] = location

    def put_number(self, number: Number) -> None:
        """Create a number, change it, or move it to another location."""
        if problem := sender_problem(number.number):
            raise LocalError(f"number: {problem}")
        form, given = class_by_form(number.number), number.number_class
        if form is not given and not (form.is_long_code and given.is_long_code):
            raise LocalError(f"number: {number.number!r} has the form of a {form}, not of a {given}")
        if number.location_id not in self._locations:
            raise LocalError(f"location_id: there is no location {number.location_id!r}")
        if number.rate is not None and not number.rate > 0:
            raise LocalError(f"rate: expected a positive number of segments per second, got {number.rate!r}")
        self._numbers[number.number] = number

    def remove_credential(self, user: str) -> None:
        """Forget a credential."""
        _remove(self._credentials, user, "user")

    def remove_application(self, id: str) -> None:
        """Forget an application that no location uses."""
        if users := [location.id for location in self._locations.values() if location.application_id == id]:
            raise LocalError(f"application {id!r} is used by location {users[0]!r}")
        _remove(self._applications, id, "application")

    def remove_location(self, id: str) -> None:
        """Forget a location that has no numbers."""
        if users := [number.number for number in self._numbers.values() if number.location_id == id]:
            raise LocalError(f"location {id!r} still has numbers, such as {users[0]!r}")
        _remove(self._locations, id, "location")

    def remove_number(self, number: str) -> None:
        """Give a number back; messages that are on their way from it go on."""
        _remove(self._numbers, number, "number")

    # ------------------------------------------------------------------------------------------------------ for a store

    def record(self) -> AccountRecord:
        """Return everything as one record."""
        return AccountRecord(
            id=self.id,
            settings=self.settings,
            credentials=self.credentials,
            applications=self.applications,
            locations=self.locations,
            numbers=self.numbers,
            opt_outs=tuple(sorted(self.opt_outs)),
            office=self.office,
        )

    @classmethod
    def from_record(cls, record: AccountRecord) -> "Account":
        """Return the account of a record: the inverse of :meth:`record`."""
        account = cls(record.id, record.settings)
        _put_all(account, record)
        account.opt_outs.update(record.opt_outs)
        account.office = record.office
        return account


def _put_all(account: Account, record: AccountRecord) -> None:
    for credential in record.credentials:
        account.put_credential(credential)
    for application in record.applications:
        account.put_application(application)
    for location in record.locations:
        account.put_location(location)
    for number in record.numbers:
        account.put_number(number)


def _remove(records: dict[str, Any], key: str, what: str) -> None:
    if key not in records:
        raise LocalError(f"there is no {what} {key!r}")
    del records[key]


def _id(id: str) -> str:
    if not id:
        raise LocalError("id: expected some text, got nothing")
    return id


def _url_problem(url: str) -> str | None:
    if blank := _UNSPEAKABLE.search(url):
        return f"position {blank.start()}: {blank[0]!r} cannot stand in a URL"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        return str(error)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "expected http:// or https:// and a host"
    if parts.username is not None or parts.password is not None:
        return "credentials are for who asks for them: give them as callback credentials, not in the URL"
    if port is not None and port < 1024 and port not in _LOW_PORTS:
        return f"port {port} is not allowed: 80, 443 and everything from 1024 on are"
    return None
