"""auth_hmac in the native file: keys in three forms, and every mistake told without a key."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.config.test_lint import instance
from vrrpd.config.auth_hmac import FILE_OCTETS, KeyFormatError, in_force, read_key
from vrrpd.config.digest import shared_digest
from vrrpd.config.toml import Loaded
from vrrpd.protocol.messages import Seconds
from vrrpd.protocol.trailer import Key, Mode, Signing

Load = Callable[[str], Loaded]
Problems = Callable[[str], list[str]]

DIGITS = "00112233445566778899aabbccddeeff" * 2
SECRET = bytes.fromhex(DIGITS)
HEX = f"1 hex:{DIGITS}"
ONE = Key(1, SECRET)
PHRASE = "correct horse battery staple and more"


def hmac(text: str) -> str:
    return instance(auth_hmac=f"{{ {text} }}")


ROWS = {
    "hex": (f'key = ["{HEX}"], active_key = 1', Signing((ONE,), 1, window=0)),
    "text": (f'key = ["255 {PHRASE}"], active_key = 255', Signing((Key(255, PHRASE.encode()),), 255, window=0)),
    "two": (f'key = ["{HEX}", "2 {PHRASE}"], active_key = 2', Signing((ONE, Key(2, PHRASE.encode())), 2, window=0)),
    "window": (f'key = ["{HEX}"], active_key = 1, time_window = 300', Signing((ONE,), 1, window=300)),
    "window as text": (f'key = ["{HEX}"], active_key = 1, anti_replay = "time"', Signing((ONE,), 1, window=0)),
    "monotonic": (f'key = ["{HEX}"], active_key = 1, anti_replay = "monotonic"', Signing((ONE,), 1, window=None)),
    "mode": (f'key = ["{HEX}"], active_key = 1, mode = "permissive"', Signing((ONE,), 1, Mode.PERMISSIVE, 0)),
}


@pytest.mark.parametrize(("text", "expected"), ROWS.values(), ids=ROWS)
def test_read(load: Load, text: str, expected: Signing) -> None:
    assert load(hmac(text)).configuration.instances[0].auth_hmac == expected


@pytest.mark.parametrize(
    ("interval", "window"), [(0.01, 5), (1.0, 5), (1.5, 5), (1.67, 6), (2.0, 6), (60.0, 180)], ids=str
)
def test_the_window_follows_the_interval(interval: float, window: int) -> None:
    """As keepalived: three intervals, 5 s at least."""
    assert in_force(Signing((ONE,), 1, window=0), Seconds(interval)) == Signing((ONE,), 1, window=window)


@pytest.mark.parametrize("given", [None, Signing((ONE,), 1, window=None), Signing((ONE,), 1, window=7)], ids=str)
def test_what_is_given_stays(given: Signing | None) -> None:
    assert in_force(given, Seconds(60.0)) is given


HERE = "f:5: instance.a.auth_hmac"
FORMS = '"ID hex:DIGITS", "ID file:PATH" or "ID TEXT"'
LONG, ACCENTS = "k" * 65, "é" * 32
SEVENTEEN = ", ".join(f'"{number} hex:{DIGITS}"' for number in range(1, 18))
ERRORS: dict[str, tuple[str, list[str]]] = {
    "no key": ("active_key = 1, key = []", [f"{HERE}.key: has 0 keys; allowed: 1 to 16, each {FORMS}"]),
    "too many": (
        f"active_key = 1, key = [{SEVENTEEN}]",
        [f"{HERE}.key: has 17 keys; allowed: 1 to 16, each {FORMS}"],
    ),
    "no ID": (
        f'key = ["hex:{DIGITS}"], active_key = 1',
        [
            f"{HERE}.key: begins with no ID; allowed: {FORMS}, ID 1..255",
            f"{HERE}.active_key: there is no key 1; allowed: 1..255",
        ],
    ),
    "ID 0": (
        f'key = ["0 hex:{DIGITS}", "{HEX}"], active_key = 1',
        [f"{HERE}.key: begins with no ID; allowed: {FORMS}, ID 1..255"],
    ),
    "ID 256": (
        f'key = ["256 hex:{DIGITS}", "{HEX}"], active_key = 1',
        [f"{HERE}.key: begins with no ID; allowed: {FORMS}, ID 1..255"],
    ),
    "ID twice": (
        f'key = ["{HEX}", "1 {PHRASE}"], active_key = 1',
        [f"{HERE}.key: has an ID twice; allowed: each ID once"],
    ),
    "31 octets": (
        f'key = ["1 hex:{DIGITS[2:]}"], active_key = 1',
        [f"{HERE}.key: key 1 has 31 octets; allowed: 32 to 64"],
    ),
    "65 octets": (f'key = ["1 {LONG}"], active_key = 1', [f"{HERE}.key: key 1 has 65 octets; allowed: 32 to 64"]),
    "odd digits": (
        f'key = ["1 hex:{DIGITS}0"], active_key = 1',
        [f"{HERE}.key: key 1 has other than pairs of hexadecimal digits behind hex:"],
    ),
    "not ASCII": (
        f'key = ["1 {ACCENTS}"], active_key = 1',
        [f"{HERE}.key: key 1 has characters other than printable ASCII; allowed: hex: for such"],
    ),
    "no file": (
        'key = ["1 file:/nowhere/key"], active_key = 1',
        [f"{HERE}.key: key 1 cannot be read from /nowhere/key: No such file or directory"],
    ),
    "a folder": ('key = ["1 file:/proc"], active_key = 1', [f"{HERE}.key: key 1: /proc is no regular file"]),
    "active key": (
        f'key = ["{HEX}"], active_key = 2',
        [f"{HERE}.active_key: there is no key 2; allowed: 1"],
    ),
    "mode": (
        f'key = ["{HEX}"], active_key = 1, mode = "off"',
        [
            f'{HERE}.mode: "off" is none of the choices; allowed: "receive-only", "permissive", "enforce"',
        ],
    ),
    "window": (
        f'key = ["{HEX}"], active_key = 1, time_window = 301',
        [f"{HERE}.time_window: 301 is out of range; allowed: a whole number 1..300 seconds"],
    ),
}


@pytest.mark.parametrize(("text", "expected"), ERRORS.values(), ids=ERRORS)
def test_mistakes_are_told_without_a_key(problems: Problems, text: str, expected: list[str]) -> None:
    told = problems(hmac(text))
    assert told == expected
    assert not any(DIGITS[:16] in each or "kkkk" in each for each in told)


def test_both_kinds_of_authentication(problems: Problems) -> None:
    """keepalived drops the password then; nothing is dropped in silence here."""
    text = instance(
        auth_hmac=f'{{ key = ["{HEX}"], active_key = 1 }}', authentication='{ type = "PASS", password = "x" }'
    )
    (told,) = problems(text)
    assert told.endswith("instance.a.authentication: goes with auth_hmac on no router; allowed: one of the two")


def lots(many: int, **more: str) -> str:
    return instance("a", "e", 1, [f"fe80::{number:x}" for number in range(1, many + 1)], **more)


def test_room_for_the_trailer(problems: Problems, load: Load) -> None:
    """An IPv6 advertisement of 90 addresses fills the MTU."""
    signed = f'{{ key = ["{HEX}"], active_key = 1 }}'
    (told,) = problems(lots(90, auth_hmac=signed))
    assert told.endswith("90 addresses do not fit an advertisement; allowed: 89")
    load(lots(89, auth_hmac=signed))
    load(lots(90))


# --- files --------------------------------------------------------------------------------------------------------

FILES = {
    "hex": (f"hex:{DIGITS}\n".encode(), SECRET),
    "text": (f"{PHRASE}\r\n".encode(), PHRASE.encode()),
}


@pytest.mark.parametrize(("content", "secret"), FILES.values(), ids=FILES)
def test_a_key_of_a_file(tmp_path: Path, content: bytes, secret: bytes) -> None:
    """The same forms as in the configuration."""
    (tmp_path / "k").write_bytes(content)
    assert read_key(f"7 file:{tmp_path}/k") == Key(7, secret)


UNUSABLE = {
    "binary": (b"\xff" * 32, "is no text"),
    "empty": (b"", "has 0 octets"),
    "endless": (b"a" * FILE_OCTETS * 2, f"has {FILE_OCTETS} octets"),
    "a file that names a file": (b"file:/etc/passwd", "has 16 octets"),
}


@pytest.mark.parametrize(("content", "why"), UNUSABLE.values(), ids=UNUSABLE)
def test_a_file_that_cannot_be_used(tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "k").write_bytes(content)
    with pytest.raises(KeyFormatError, match=why):
        read_key(f"7 file:{tmp_path}/k")


def test_a_pipe_holds_up_nobody(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "k")
    with pytest.raises(KeyFormatError, match="no regular file"):
        read_key(f"7 file:{tmp_path}/k")


def test_the_digest_knows_ids_only(load: Load) -> None:
    """What is served to anybody must not help to guess a key; without auth_hmac it is what it always was."""
    none, one, other, two = (
        shared_digest(load(text).configuration)
        for text in (
            instance(),
            hmac(f'key = ["{HEX}"], active_key = 1'),
            hmac(f'key = ["1 {PHRASE}"], active_key = 1'),
            hmac(f'key = ["{HEX}", "2 {PHRASE}"], active_key = 1'),
        )
    )
    assert one == other
    assert len({none, one, two}) == 3
