"""A text for the shell, taken apart into commands."""

import pytest

from vrrpd.config.commands import pipelines

ROWS = {
    "one": ("systemctl restart haproxy", [["systemctl", "restart", "haproxy"]]),
    "none": ("", []),
    "in order": ("a 1; b 2 && c 3 || d & e\nf", [["a", "1"], ["b", "2"], ["c", "3"], ["d"], ["e"], ["f"]]),
    "quoted": ("a 'b; c' \"d | e\" f\\ g", [["a", "b; c", "d | e", "f g"]]),
    "a pipe": ("a x | b y", [["a", "x"], ["b", "y"]]),
    "what xargs reads": (
        "a x | b | xargs -r kill; c",
        [["a", "x"], ["b"], ["xargs", "-r", "kill", "a", "x", "b"], ["c"]],
    ),
    "redirections": ("a >/x 2>&1 </y b; c >> z", [["a", "2", "b"], ["c"]]),
    "substitution": ("a $(b c)", [["a", "$", "(", "b", "c", ")"]]),
    "backticks": ("a `b c` d", [["a", "(", "b", "c", "(", "d"]]),
    "quotes that do not end": ("it's a test", [["it's", "a", "test"]]),
    "an empty word": ("a '' b", [["a", "", "b"]]),
}


@pytest.mark.parametrize(("text", "commands"), ROWS.values(), ids=ROWS)
def test_pipelines(text: str, commands: list[list[str]]) -> None:
    """As a shell reads them, without following anything."""
    assert list(pipelines(text)) == commands
