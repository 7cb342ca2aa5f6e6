"""What the vocabulary promises by itself."""

import dataclasses
from enum import Enum

import pytest

from tests.protocol.samples import PASSWORD, V2_PASS, receiver
from vrrpd.protocol import messages
from vrrpd.protocol.messages import (
    Advertisement,
    AdvertisementReceived,
    Authentication,
    Backup,
    Discard,
    Leaving,
    Reason,
    Rejection,
    Seconds,
)


@pytest.mark.parametrize(
    "holder",
    [PASSWORD, V2_PASS, receiver(V2_PASS), AdvertisementReceived(V2_PASS, receiver(V2_PASS).primary_address)],
    ids=lambda holder: type(holder).__name__,
)
def test_password_is_not_shown(holder: object) -> None:
    """Logs and tracebacks print these by repr and str."""
    shown = f"{holder!r} {holder} {[holder]}"
    assert "Authentication(PASS)" in shown
    assert "s3cret" not in shown
    assert PASSWORD.data.hex() not in shown


def test_password_is_compared() -> None:
    """What repr leaves out still counts: a reload with another password is a difference."""
    assert dataclasses.replace(PASSWORD, data=b"other\0\0\0") != PASSWORD


def test_nothing_can_be_changed() -> None:
    """Every dataclass is frozen and has slots: a state kept by somebody stays what it was."""
    classes = [kind for kind in vars(messages).values() if dataclasses.is_dataclass(kind)]
    assert len(classes) > 15
    for kind in classes:
        assert kind.__dataclass_params__.frozen, kind  # type: ignore[union-attr]
        assert hasattr(kind, "__slots__"), kind
    backup = Backup(Seconds(0.0), Seconds(1.0))
    with pytest.raises(dataclasses.FrozenInstanceError):
        backup.heard_at = Seconds(1.0)  # type: ignore[misc]


@pytest.mark.parametrize("vocabulary", [Rejection, Reason, Discard, Leaving])
def test_labels_are_the_names(vocabulary: type[Enum]) -> None:
    """Label values of metrics: lower case, and found in the code by searching for them."""
    assert [member.value for member in vocabulary] == [member.name.lower() for member in vocabulary]


def test_no_authentication_is_zeroes() -> None:
    """RFC 3768 5.3.10: type 0 carries 8 zero octets, and an advertisement has that unless told otherwise."""
    default = {field.name: field.default for field in dataclasses.fields(Advertisement)}["authentication"]
    assert default == Authentication()
    assert Authentication().data == bytes(8)
