"""Two kinds of probe of our own, so that rows do not change with the real ones."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import pytest

from vrrpd.config.problems import ConfigError
from vrrpd.config.toml import Loaded, load_text
from vrrpd.schema import Doc


@dataclass(frozen=True, slots=True, kw_only=True)
class FarmOptions:
    """A kind with a required keyword, a list, a duration and a secret."""

    socket: Annotated[str, Doc("stats socket", example='"/run/farm.sock"')]
    backends: Annotated[tuple[str, ...], Doc("backends")] = ()
    grace: Annotated[float, Doc("grace", unit="seconds", low=0, high=60)] = 2.0
    password: Annotated[str, Doc("password", secret=True)] = ""
    scratch: str = "not a keyword"

    def problems(self) -> tuple[str, ...]:
        """Blame the keyword in one case, the probe in the other."""
        blamed = () if self.socket.startswith("/") else ("socket: is not absolute",)
        return (*blamed, "farms need no password") if self.password else blamed


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainOptions:
    """A kind that has nothing to say across its keywords."""

    port: Annotated[int, Doc("port", low=1, high=65535)] = 5672


@dataclass(frozen=True, slots=True)
class StubKind:
    """What the reader wants of a kind."""

    options: type


STUB_KINDS = {"farm": StubKind(FarmOptions), "plain": StubKind(PlainOptions)}


@pytest.fixture
def load() -> Callable[[str], Loaded]:
    """Read a text with the two kinds."""
    return lambda text: load_text(text, "f", STUB_KINDS)


@pytest.fixture
def problems(load: Callable[[str], Loaded]) -> Callable[[str], list[str]]:
    """Read a text that is wrong; give the lines an operator sees."""

    def read(text: str) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            load(text)
        return str(caught.value).splitlines()

    return read
