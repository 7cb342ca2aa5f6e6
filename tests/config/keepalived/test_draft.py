"""Places of the document."""

from vrrpd.config.keepalived.draft import Draft, Place, Section
from vrrpd.config.keepalived.line import Line
from vrrpd.config.keepalived.tree import Statement
from vrrpd.config.model import Instance
from vrrpd.config.problems import Grade


def statement() -> Statement:
    return Statement(Line("f", 3, "priority 5"), ("priority", "5"))


def section() -> Section:
    return Section(Draft(), ("instance", "V"), ("vrrp_instance", "V"), (Instance,))


def test_a_place_has_keepalived_s_words() -> None:
    assert section().place(statement()) == Place(statement().line, "vrrp_instance.V.priority")
    assert section().place(statement(), "").keyword == "vrrp_instance.V"


def test_what_is_put_has_a_place() -> None:
    """What has none has that of the table around it."""
    made = section()
    made.put("priority", 5, made.place(statement()))
    assert made.values == {"priority": 5}
    assert made.draft.at(("instance", "V", "priority", "x")) == made.place(statement())
    assert made.draft.at(("instance", "V", "interface")) is None
    made.drop("priority")
    made.drop("priority")
    assert made.values == {}


def test_wrong() -> None:
    assert section().wrong("priority", 5) == ""
    assert section().wrong("priority", 256) == "256 is out of range; allowed: a whole number 1..255"


def test_grades() -> None:
    made = section()
    made.error(statement(), "a")
    made.warn(statement(), "b")
    made.note(statement(), "c")
    assert [(each.problem.grade, each.problem.text, each.path) for each in made.draft.remarks] == [
        (Grade.ERROR, "a", ("instance", "V")),
        (Grade.WARNING, "b", ("instance", "V")),
        (Grade.NOTE, "c", ("instance", "V")),
    ]
