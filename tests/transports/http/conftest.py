"""Certificates for the loopback, made anew in each run."""

from pathlib import Path
from typing import NamedTuple

import pytest
import trustme


class Authority(NamedTuple):
    """An authority, the file that makes a client trust it, and a certificate with key of a client of its."""

    ca: trustme.CA
    ca_file: Path
    client: Path


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    folder = tmp_path_factory.mktemp("authority")
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(folder / "ca.pem"))
    ca.issue_cert("client@example.com").private_key_and_cert_chain_pem.write_to_path(str(folder / "client.pem"))
    return Authority(ca, folder / "ca.pem", folder / "client.pem")
