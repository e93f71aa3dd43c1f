"""Answers as the core reads them: whole, however a transport hands them over."""

from msgcore.wire import Response


async def whole(response: Response) -> Response:
    """Read a body that comes as a stream, as the core reads nothing but octets."""
    if isinstance(response.body, bytes):
        return response
    return Response(response.status, response.headers, b"".join([chunk async for chunk in response.body]))


__all__ = ["whole"]
