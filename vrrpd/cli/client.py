"""HTTP/1.0 over the control socket (unix(7)).

By hand, because http.client imports ssl and the mail parser, which takes as long as all the rest of the command.
"""

import json
import socket
import time

TYPE_CHECKING = False  # for the type checker only: importing typing takes 3 ms
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from vrrpd.observe.shape import ExplanationShape, StateShape

STATE_TIMEOUT = 5.0
"""Seconds; the daemon answers in a millisecond, so this is a daemon that hangs."""
RELOAD_TIMEOUT = 60.0
"""Seconds; a reload may have to wait for sockets and netlink."""
RESTART_TIMEOUT = 15.0
"""Seconds; a start takes less than one, and much more on a host that is busy."""
RESTART_POLL = 0.05
OK, NOT_FOUND = 200, 404
CHUNK = 65536
ANSWER_LIMIT = 16 * 1024 * 1024
"""Octets: ten times the state of 255 instances with 20 addresses each."""


class Unreachable(Exception):
    """No daemon answered on this socket; the text says why."""


class NotRunning(Unreachable):
    """There is no daemon, or it has just ended."""


class Client:
    """One daemon, by the path of its control socket; a connection for each question."""

    def __init__(self, path: str) -> None:
        """Nothing is opened yet."""
        self._path = path

    def state(self) -> "StateShape":
        """GET /v1/state. Raises `Unreachable`."""
        status, answer = self._ask("GET", "/v1/state", STATE_TIMEOUT)
        if status != OK:
            raise Unreachable(f"{self._path}: the daemon answered with status {status}")
        state: StateShape = answer
        return state

    def reload(self) -> "dict[str, Any]":
        """POST /v1/reload: what changed, or `error` and `errors`. Raises `Unreachable`."""
        _, answer = self._ask("POST", "/v1/reload", RELOAD_TIMEOUT)
        result: dict[str, Any] = answer
        return result

    def restart(self) -> "dict[str, Any]":
        """POST /v1/restart: `restarting`, or `error` and `errors`. Raises `Unreachable`."""
        _, answer = self._ask("POST", "/v1/restart", RELOAD_TIMEOUT)
        result: dict[str, Any] = answer
        return result

    def act(self, name: str, order: "dict[str, Any]", timeout: float | None) -> "tuple[int, dict[str, Any]]":
        """POST /v1/NAME: status, and `lines`, or `error`. Raises `Unreachable`."""
        status, answer = self._ask("POST", f"/v1/{name}", timeout, json.dumps(order).encode())
        return status, answer

    def wait_for_another(self, started: str | None) -> float | None:
        """Wait for a daemon that became ready at another time; returns the seconds it took, None: it did not."""
        begun = time.monotonic()
        while (waited := time.monotonic() - begun) < RESTART_TIMEOUT:
            time.sleep(RESTART_POLL)
            try:
                state = self.state()
            except Unreachable:
                continue
            if state["ready"] and state["started"] != started:
                return waited
        return None

    def explain(self, name: str | None) -> "list[ExplanationShape] | None":
        """GET /v1/explain; None: there is no instance of this name. Raises `Unreachable`."""
        path = f"/v1/explain?name={_quoted(name)}" if name is not None else "/v1/explain"
        status, answer = self._ask("GET", path, STATE_TIMEOUT)
        if status == NOT_FOUND:
            return None
        if status != OK:
            raise Unreachable(f"{self._path}: the daemon answered with status {status}")
        found: list[ExplanationShape] = answer
        return found

    def events(self, count: int) -> "list[str]":
        """GET /v1/events: the last so many lines of JSON. Raises `Unreachable`."""
        try:
            octets = self._exchange(_question("GET", f"/v1/events?n={count}"), STATE_TIMEOUT)
        except OSError as error:
            raise _unreachable(self._path, error) from None
        head, _, body = octets.partition(b"\r\n\r\n")
        if head.split()[1:2] != [b"200"]:
            raise Unreachable(f"{self._path}: {_refusal(head, body)}")
        return [line for line in body.decode("utf-8", "replace").split("\n") if line]

    def stream(self, count: int) -> "Iterator[list[str]]":
        """The last so many lines, then those that come, as they come; an empty list first. Raises `Unreachable`."""
        question = _question("GET", f"/v1/events?n={count}&follow=1")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            try:
                connection.settimeout(STATE_TIMEOUT)
                connection.connect(self._path)
                connection.sendall(question)
                rest = _after_head(connection)
            except OSError as error:
                raise _unreachable(self._path, error) from None
            except ValueError as error:
                raise Unreachable(f"{self._path}: {error}") from None
            connection.settimeout(None)
            yield []
            while True:
                *lines, rest = rest.split(b"\n")
                if lines:
                    yield [line.decode("utf-8", "replace") for line in lines if line]
                octets = _more(connection)
                if not octets or len(rest) > ANSWER_LIMIT:
                    return
                rest += octets

    def _ask(self, method: str, path: str, timeout: float | None, body: bytes = b"") -> "tuple[int, Any]":
        try:
            head, _, body = self._exchange(_question(method, path, body), timeout).partition(b"\r\n\r\n")
            return int(head.split(maxsplit=2)[1]), json.loads(body)
        except TimeoutError:
            raise Unreachable(f"{self._path}: no answer within {timeout:g} s") from None
        except OSError as error:
            raise _unreachable(self._path, error) from None
        except (ValueError, IndexError):
            raise Unreachable(f"{self._path}: this is not vrrpd's control socket") from None

    def _exchange(self, question: bytes, timeout: float | None) -> bytes:
        """Ask, and read to the end: HTTP/1.0 ends an answer by closing (RFC 1945 7.2.2)."""
        answer = bytearray()
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(timeout)
            connection.connect(self._path)
            connection.sendall(question)
            while len(answer) < ANSWER_LIMIT and (octets := connection.recv(CHUNK)):
                answer += octets
        if not answer:
            raise ConnectionResetError  # it ended when it was about to answer
        return bytes(answer)


def _question(method: str, path: str, body: bytes = b"") -> bytes:
    head = f"{method} {path} HTTP/1.0\r\nHost: vrrpd\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode("ascii") + body


def _quoted(text: str) -> str:
    """For a query (RFC 3986 2.1); urllib would take as long to import as all the rest."""
    return "".join(f"%{octet:02X}" for octet in text.encode())


def _after_head(connection: socket.socket) -> bytes:
    """Read the head of a good answer; what came with it. Raises OSError, ValueError with what a bad one says."""
    octets = b""
    while b"\r\n\r\n" not in octets and len(octets) < CHUNK and (more := connection.recv(CHUNK)):
        octets += more
    if not octets:
        raise ConnectionResetError  # it ended when it was about to answer
    head, _, body = octets.partition(b"\r\n\r\n")
    if head.split()[1:2] == [b"200"]:
        return body
    while len(body) < CHUNK and (more := connection.recv(CHUNK)):
        body += more
    raise ValueError(_refusal(head, body))


def _refusal(head: bytes, body: bytes) -> str:
    """In the daemon's words, if these are the daemon's."""
    try:
        return str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        return "this is not vrrpd's control socket" if not head.startswith(b"HTTP/") else "no answer that can be read"


def _more(connection: socket.socket) -> bytes:
    """What has come; nothing at the end, also at that of a daemon that was killed before it had read all."""
    try:
        return connection.recv(CHUNK)
    except ConnectionResetError:
        return b""


def _unreachable(path: str, error: OSError) -> Unreachable:
    if isinstance(error, FileNotFoundError | ConnectionRefusedError):
        return NotRunning(f"{path}: vrrpd is not running")
    if isinstance(error, ConnectionResetError | BrokenPipeError):
        return NotRunning(f"{path}: vrrpd ended before it answered")
    if isinstance(error, PermissionError):
        return Unreachable(f"{path}: permission denied; be root or in the group of the socket")
    return Unreachable(f"{path}: {error.strerror or error}")
