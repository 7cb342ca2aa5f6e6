"""Certificates for brokers and clients, made anew for each test run.

Erlang refuses the self-signed certificate of a client even if it is told to trust it, so there is an authority.
"""

import shlex
from pathlib import Path

from tests.lab.namespaces import call

CERTIFICATE = shlex.split("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2")
AUTHORITY = "ca"


def authority(directory: Path) -> Path:
    """`ca.pem`, who signs the others."""
    return _made(directory, AUTHORITY, ["-addext", "keyUsage=keyCertSign"])


def signed(directory: Path, name: str, *, ip: str = "127.0.0.1") -> Path:
    """`NAME.pem`, valid for the address and for the name `broker`, and `NAME.key` beside it."""
    signer = ["-CA", str(directory / f"{AUTHORITY}.pem"), "-CAkey", str(directory / f"{AUTHORITY}.key")]
    names = ["-addext", "basicConstraints=critical,CA:FALSE", "-addext", f"subjectAltName=DNS:broker,IP:{ip}"]
    return _made(directory, name, [*signer, *names])


def _made(directory: Path, name: str, more: list[str]) -> Path:
    """Readable by everybody, as brokers give up root."""
    certificate, key = directory / f"{name}.pem", directory / f"{name}.key"
    call([*CERTIFICATE, "-subj", f"/CN={name}", *more, "-keyout", str(key), "-out", str(certificate)])
    for path in (certificate, key):
        path.chmod(0o644)
    return certificate
