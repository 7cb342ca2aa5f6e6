"""TLS of the probes that speak it: whom to trust, who we are, and what a failed handshake means.

Certificates are replaced while a daemon runs, so the files are read anew from time to time, in a thread: the system's
certificates take some ten milliseconds to read.
"""

import asyncio
import ssl
from pathlib import Path
from typing import Protocol

from vrrpd.probes.aside import Aside

MAX_AGE = 600.0
"""Seconds until the files are read again."""


class TlsOptions(Protocol):
    """The keywords that matter here; paths may be empty."""

    @property
    def verify(self) -> bool:
        """Refuse a certificate that is not valid."""
        ...

    @property
    def ca_file(self) -> str:
        """Whom to trust."""
        ...

    @property
    def cert_file(self) -> str:
        """Who we are."""
        ...

    @property
    def key_file(self) -> str:
        """The key of that."""
        ...


class UnloadableError(Exception):
    """A file cannot be used; the text says which and why."""

    def __init__(self, keyword: str, path: str, why: str) -> None:
        """`keyword` is the option that names the file."""
        super().__init__(f"{keyword} {path}: {why}")
        self.keyword = keyword


class Contexts:
    """The context of a probe, made when first needed and again after `MAX_AGE`."""

    def __init__(self, options: TlsOptions) -> None:
        """Nothing is read yet."""
        self._options = options
        self._aside = Aside("certificates")
        self._reading = asyncio.Lock()
        self._made: ssl.SSLContext | None = None
        self._stale = 0.0

    async def get(self) -> ssl.SSLContext:
        """Raises `UnloadableError`, and `ProbeUnknown` while a file hangs."""
        async with self._reading:  # several targets may ask in one moment
            now = asyncio.get_running_loop().time()
            if self._made is None or now >= self._stale:
                self._made = await self._aside.call(lambda: load(self._options))
                self._stale = now + MAX_AGE
            return self._made


def load(options: TlsOptions) -> ssl.SSLContext:
    """Read the files. Blocks. Raises `UnloadableError`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not options.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif options.ca_file:
        try:
            context.load_verify_locations(options.ca_file)
        except OSError as error:
            raise UnloadableError("ca_file", options.ca_file, _why(error)) from error
    else:
        context.load_default_certs()
    if options.cert_file:
        _load_own(context, options)
    return context


def _load_own(context: ssl.SSLContext, options: TlsOptions) -> None:
    """OpenSSL does not say which of the two files it could not open, so they are opened first."""
    for keyword, path in (("cert_file", options.cert_file), ("key_file", options.key_file or options.cert_file)):
        try:
            Path(path).open("rb").close()
        except OSError as error:
            raise UnloadableError(keyword, path, _why(error)) from error
    keyword, path = ("key_file", options.key_file) if options.key_file else ("cert_file", options.cert_file)
    try:
        # A key with a passphrase must not make OpenSSL ask for it on the terminal.
        context.load_cert_chain(options.cert_file, options.key_file or None, password=lambda: "")
    except OSError as error:
        raise UnloadableError(keyword, path, _why(error)) from error


def load_problems(options: TlsOptions) -> tuple[tuple[str, str], ...]:
    """What keeps the files from being used: keyword and text. Blocks."""
    try:
        load(options)
    except UnloadableError as error:
        return ((error.keyword, str(error).removeprefix(f"{error.keyword} ")),)
    return ()


def complaint(error: ssl.SSLError) -> str:
    """What is wrong with the handshake, in OpenSSL's words, without its numbers."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate refused: {error.verify_message}"
    return (getattr(error, "reason", None) or str(error)).replace("_", " ").lower()


def _why(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return "no certificate or key in it that fits: " + complaint(error)
    return error.strerror or str(error)
