"""The file that the README shows is one that works: nothing is to be said of it, nor of the pair that it makes."""

import re
from pathlib import Path

from tests.lab.image import configuration_file
from vrrpd.config import toml
from vrrpd.config.examine import examine

EXAMPLE = Path(__file__).parents[2] / "config" / "examples" / "proxy1.toml"


def second(text: str) -> str:
    """What the README says of the second host: only `priority` differs, and it is 100."""
    changed, count = re.subn(r"^priority = 150\b", "priority = 100", text, flags=re.MULTILINE)
    assert count == 1
    return changed


def test_nothing_is_to_be_said_of_the_pair() -> None:
    text = configuration_file()
    hosts = [toml.load_text(each, name) for each, name in ((text, "first"), (second(text), "second"))]
    assert examine(hosts[0], hosts[1:]) == examine(hosts[1], hosts[:1]) == ()


def test_it_is_the_example_without_what_is_beyond_five_minutes() -> None:
    """The same instance, and the same probes of HAProxy."""
    shown, shipped = (toml.load_text(each, "f").configuration for each in (configuration_file(), EXAMPLE.read_text()))
    assert set(shown.probes) < set(shipped.probes)
    one, other = shown.instances[0], shipped.instances[0]
    assert (one.priority, one.addresses, one.authentication) == (other.priority, other.addresses, other.authentication)
    assert set(one.track) < set(other.track)
