"""Every kind of probe is complete: documented keywords with sane defaults, and something to make it of."""

import dataclasses
import typing

import pytest

from vrrpd.probes.registry import KINDS
from vrrpd.schema import Doc

REQUIRED: dict[str, dict[str, object]] = {
    "amqp": {},
    "file": {"path": "/x"},
    "haproxy": {"socket": "/s"},
    "http": {"port": 80},
    "interface": {"interface": "eth1"},
    "ping": {"host": "192.0.2.1"},
    "process": {"unit": "haproxy"},
    "script": {"argv": ("true",)},
    "tcp": {"port": 1},
}
ALLOWED = (str, int, bool, float, tuple[str, ...])


def test_kinds() -> None:
    assert set(KINDS) == set(REQUIRED)


@pytest.mark.parametrize("name", KINDS)
def test_keywords_are_documented_and_of_a_type_the_reader_knows(name: str) -> None:
    hints = typing.get_type_hints(KINDS[name].options, include_extras=True)
    for field in dataclasses.fields(KINDS[name].options):
        kind, *notes = typing.get_args(hints[field.name])
        assert kind in ALLOWED, field.name
        assert [type(note) for note in notes] == [Doc], field.name
        assert kind is not float or notes[0].unit == "seconds", field.name


@pytest.mark.parametrize("name", KINDS)
async def test_made_from_its_options(name: str) -> None:
    options = KINDS[name].options(**REQUIRED[name])
    assert options.problems() == ()
    probe = KINDS[name].make(options)
    await probe.close()


def test_passwords_are_secret() -> None:
    hints = typing.get_type_hints(KINDS["amqp"].options, include_extras=True)
    assert typing.get_args(hints["password"])[1].secret
