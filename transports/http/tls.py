"""TLS: the server is always verified, by name and by chain; there is no switch that turns it off."""

import ssl
from pathlib import Path

from msgcore.errors import LocalError

ClientCertificate = str | Path | tuple[str | Path, str | Path] | tuple[str | Path, str | Path, str]


def client_context(
    *, ca_file: str | Path | None = None, client_certificate: ClientCertificate | None = None
) -> ssl.SSLContext:
    """Return a context that trusts the system's authorities, or only those in ``ca_file``.

    ``client_certificate`` is one PEM file with certificate and key, or (certificate, key), or (certificate, key,
    password of the key).

    Raises:
        LocalError: a file cannot be used; the message names it.
    """
    context = _trusting(ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    if client_certificate is not None:
        files = (client_certificate,) if isinstance(client_certificate, (str, Path)) else client_certificate
        password = files[2] if len(files) == 3 else ""
        key = files[1] if len(files) > 1 else None
        try:
            # A key that wants a password and has none would ask for it at the terminal, and hold the event loop.
            context.load_cert_chain(files[0], key, password=lambda: str(password))
        except (OSError, ValueError) as error:
            raise LocalError(f"client_certificate {str(files[0])!r} cannot be used: {error}") from error
    return context


def require_verifying(context: ssl.SSLContext) -> ssl.SSLContext:
    """Return a context of the caller's, if it verifies the server as ours do."""
    if not isinstance(context, ssl.SSLContext):
        raise TypeError(f"ssl_context must be an ssl.SSLContext, not {type(context).__name__}")
    if context.verify_mode is not ssl.CERT_REQUIRED or not context.check_hostname:
        raise LocalError("ssl_context must verify the server: verify_mode=CERT_REQUIRED and check_hostname=True")
    return context


def _trusting(ca_file: str | Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # ssl.SSLError is one
        raise LocalError(f"ca_file {str(ca_file)!r} cannot be used: {error}") from error


__all__ = ["ClientCertificate", "client_context", "require_verifying"]
