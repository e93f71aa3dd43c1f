"""The whole Dashboard API: finds the handler of a request and writes its answer.

Everything stands below ``accounts/{accountId}``, but for single numbers, which stand below ``tns``.
"""

from typing import Final, NamedTuple
from urllib.parse import unquote

from msgcore.errors import LocalError
from msgcore.wire.exchange import Request, Response
from transports.simulator.accounts.account import Account
from transports.simulator.accounts.office import Report
from transports.simulator.dashboard import applications, messaging, numbers, ports, reports, sites
from transports.simulator.dashboard.asking import (
    INVALID,
    XML_HEADERS,
    Ask,
    RefusedError,
    Reply,
    Router,
    problem,
    read_query,
)
from transports.simulator.dashboard.elements import write_xml
from transports.simulator.dashboard.orders import disconnects, moves, options, purchases

BODY_LIMIT: Final = 2 * 2**20

# Somebody's file may be a page with a script in it, and it would come from the address of the simulator's own page.
_FILE_HEADERS: Final = {"content-security-policy": "default-src 'none'; sandbox", "x-content-type-options": "nosniff"}

_BELOW_ACCOUNT: Final = Router(
    (
        *applications.ROUTES,
        *sites.ROUTES,
        *messaging.ROUTES,
        *numbers.ROUTES,
        *purchases.ROUTES,
        *disconnects.ROUTES,
        *options.ROUTES,
        *moves.ROUTES,
        *ports.ROUTES,
        *reports.ROUTES,
    )
)
_NUMBERS: Final = Router(numbers.TN_ROUTES)


class Answered(NamedTuple):
    """What comes of a request: an answer, or the report whose file is the answer; and whether anything has changed."""

    response: Response
    report: Report | None = None
    changed: bool = False


def account_in(path: str) -> str | None:
    """Return the account that a path names, ``None`` where it is one of ``tns``.

    >>> account_in("accounts/9900000/sites"), account_in("tns/9195550100")
    ('9900000', None)
    """
    head, _, rest = path.partition("/")
    return unquote(rest.partition("/")[0]) if head.lower() == "accounts" else None


def answer(account: Account, user: str, request: Request, now: float, base_url: str) -> Answered:
    """Answer a request of somebody who may ask; a bad one is answered, too, never raised.

    >>> request = Request("GET", "accounts/9900000/inserviceNumbers/totals")
    >>> answer(Account.sample(), "ann", request, 0.0, "").response.body[55:]
    b'<Quantity><Count>4</Count></Quantity>'

    ``base_url`` is what stands before ``/accounts`` in addresses.
    """
    assert isinstance(request.body, bytes), "a server reads the body first"
    try:
        reply = _reply(account, user, request, request.body, now, base_url)
    except RefusedError as error:
        return Answered(problem(error.status, error.code, error.description, error.headers))
    except LocalError as error:
        return Answered(problem(400, INVALID, str(error)))
    headers = {} if reply.location is None else {"location": reply.location}
    changed = request.method != "GET"
    if reply.content_type:
        headers |= _FILE_HEADERS | {"content-type": reply.content_type}
        return Answered(Response(reply.status, headers, reply.content))
    body = b"" if reply.root is None else write_xml(reply.root)
    return Answered(Response(reply.status, XML_HEADERS | headers, body), reply.report, changed)


def _reply(account: Account, user: str, request: Request, body: bytes, now: float, base_url: str) -> Reply:
    path = request.path.strip("/")
    router, rest = (_NUMBERS, path) if account_in(path) is None else (_BELOW_ACCOUNT, "/".join(path.split("/")[2:]))
    handler, parts = router.find(request.method, rest)
    return handler(
        Ask(
            account=account,
            user=user,
            now=now,
            base_url=base_url,
            method=request.method,
            path=path,
            parts={name: unquote(part) for name, part in parts.items()},
            query=read_query(request.query),
            content=body,
            content_type=request.headers.get("content-type", ""),
        )
    )
