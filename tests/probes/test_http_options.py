"""Keywords of the probe `http`."""

import pytest

from vrrpd.probes.http_options import MAX_PATTERN, HttpOptions, statuses


def test_statuses() -> None:
    assert statuses("200") == (range(200, 201),)
    assert statuses("200, 204,300-399") == (range(200, 201), range(204, 205), range(300, 400))


@pytest.mark.parametrize("text", ["", "20", "600", "200-", "300-200", "2xx", "200,,300", "200 300"])
def test_no_status(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no code or range|is empty"):
        statuses(text)
    (problem,) = HttpOptions(port=80, status=text).problems()
    assert problem.startswith("status: ")


@pytest.mark.parametrize(
    ("options", "place", "field"),
    [
        (HttpOptions(port=80, host="h"), "h:80", "h"),
        (HttpOptions(port=443, host="h"), "h:443", "h:443"),
        (HttpOptions(port=443, host="h", tls=True), "h:443", "h"),
        (HttpOptions(port=8080, host="::1"), "[::1]:8080", "[::1]:8080"),
        (HttpOptions(port=80, host="fe80::1%eth0"), "[fe80::1]:80", "[fe80::1]"),
        (HttpOptions(port=8080, host="h", host_header="www.example"), "h:8080", "www.example"),
    ],
    ids=str,
)
def test_host_field(options: HttpOptions, place: str, field: str) -> None:
    assert options.problems() == ()
    assert (options.place, options.host_field) == (place, field)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (HttpOptions(port=80, host=""), "host: '' is no address or name"),
        (HttpOptions(port=80, host="a b"), "host: 'a b' is no address or name"),
        (
            HttpOptions(port=80, path="x"),
            "path: 'x' does not begin with / or has characters that must be encoded as %XX",
        ),
        (
            HttpOptions(port=80, path="/ HTTP/1.1\r\nX: y"),
            "path: '/ HTTP/1.1\\r\\nX: y' does not begin with / or has characters that must be encoded as %XX",
        ),
        (
            HttpOptions(port=80, host_header="a\r\nb"),
            "host_header: 'a\\r\\nb' has characters that no Host field may have",
        ),
        (HttpOptions(port=80, user="a:b", password="c"), "user: a colon is not possible (RFC 7617)"),
        (HttpOptions(port=80, password="c"), "password needs user"),
        (HttpOptions(port=80, body="x", method="HEAD"), "body: HEAD has none"),
        (HttpOptions(port=80, body="x" * (MAX_PATTERN + 1)), f"body: more than {MAX_PATTERN} characters"),
        (HttpOptions(port=80, server_name="x"), "server_name: has no effect without tls"),
        (HttpOptions(port=80, tls=True, verify=False, ca_file="/x"), "ca_file: has no effect without verify"),
        (HttpOptions(port=80, tls=True, key_file="/x"), "key_file: has no effect without cert_file"),
    ],
    ids=str,
)
def test_problems(options: HttpOptions, problem: str) -> None:
    assert options.problems() == (problem,)


def test_files_must_be_there() -> None:
    assert HttpOptions(port=80).setup_problems() == ()
    found = HttpOptions(port=80, tls=True, ca_file="/no/such/file").setup_problems()
    assert found == (("ca_file", "/no/such/file: No such file or directory"),)
