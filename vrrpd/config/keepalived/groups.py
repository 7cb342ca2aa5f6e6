"""vrrp_sync_group: instances that are Master together."""

from dataclasses import dataclass, field
from typing import Any

from vrrpd.config.checks.code import Code
from vrrpd.config.keepalived import tracks
from vrrpd.config.keepalived.block import Read, Readers, read_block, take_nothing
from vrrpd.config.keepalived.draft import Draft, Section
from vrrpd.config.keepalived.global_defs import Defaults
from vrrpd.config.keepalived.health import Health, native_name
from vrrpd.config.keepalived.notify import Notified
from vrrpd.config.keepalived.tree import Statement
from vrrpd.config.keepalived.words_top import GROUP
from vrrpd.config.model import SyncGroup
from vrrpd.config.problems import shown

WEIGHTS = ("sync_group_tracking_weight", "global_tracking")
"""With these keepalived, too, lets weights of the members count."""


@dataclass(slots=True)
class Group:
    """One block while it is read. `members`: keepalived's names of its instances, in order."""

    section: Section
    health: Health
    defaults: Defaults
    order: int
    members: list[tuple[str, Statement]] = field(default_factory=list)
    is_given: bool = False

    def read(self, statement: Statement) -> bool:
        """All of it. False: it names nobody, so there is no such group."""
        notified = Notified(self.defaults)
        track: Read = self._track
        readers: Readers = {
            "group": self._group,
            **dict.fromkeys((*tracks.KINDS, "track_interface"), track),
            **dict.fromkeys(WEIGHTS, take_nothing),
            **notified.readers(),
        }
        read_block(self.section, statement.block or [], GROUP, readers)
        notified.finish(self.section)
        if not self.members:
            self.section.warn(statement, "names no instance; left out, as in keepalived", "")
            return False
        self._name_members()
        if not any(each.keyword in WEIGHTS for each in statement.block or []):
            self._tell_of_weights()
        return True

    def _group(self, section: Section, statement: Statement) -> None:
        """Any number of names in each line; a second block is ignored."""
        if self.is_given:
            section.warn(statement, "is there already; ignored, as in keepalived", code=Code.GIVEN_TWICE)
            return
        self.is_given = True
        section.draft.places[(*section.path, "instances")] = section.place(statement)
        for line in statement.block or []:
            for name in line.words:
                if any(name == known for known, _ in self.members):
                    section.warn(line, f"{shown(name)} is there already; left out", "group", code=Code.GIVEN_TWICE)
                else:
                    self.members.append((name, line))

    def _track(self, section: Section, statement: Statement) -> None:
        tracks.read(section, statement, self.health, self.order)

    def _name_members(self) -> None:
        """By their native names; one that is not there keeps its own, and is told by others."""
        section = self.section
        found: list[str] = section.values.setdefault("instances", [])
        for name, line in self.members:
            section.draft.places[(*section.path, "instances", len(found))] = section.place(line, "group")
            found.append(self.health.instances.get(name, name))

    def _tell_of_weights(self) -> None:
        """keepalived takes weighted probes away from members, and runs unchecked."""
        instances: dict[str, Any] = self.section.draft.document.get("instance", {})
        for at, name in enumerate(self.section.values["instances"]):
            tracked = [each["probe"] for each in instances.get(name, {}).get("track", ()) if self._weighs(each)]
            if tracked:
                place = self.section.draft.places[(*self.section.path, "instances", at)]
                text = f"{shown(name)} tracks {', '.join(map(shown, tracked))} with a weight, which keepalived ignores"
                self.section.tell_at(place, f"{text} in a group; here it counts, for all of them", Code.GROUP_WEIGHTS)

    def _weighs(self, element: dict[str, Any]) -> bool:
        probes: dict[str, Any] = self.section.draft.document.get("probe", {})
        weight = element.get("weight", probes.get(element["probe"], {}).get("weight", 0))
        return bool(weight)


def read(draft: Draft, statement: Statement, health: Health, defaults: Defaults, order: int) -> None:
    """Make the group of one block. After all instances."""
    groups: dict[str, object] = draft.document.get("sync_group", {})
    section = Section(draft, (), (statement.keyword,), (SyncGroup,))
    if len(statement.values) != 1:
        section.error(statement, "must have one name; keepalived leaves the whole block out", "")
        return
    name = statement.values[0]
    section.word = (statement.keyword, name)
    if name in health.groups:
        section.error(statement, "is there already; keepalived leaves the second one out", "", code=Code.GIVEN_TWICE)
        return
    health.groups.add(name)
    made = native_name(name, "group", groups)
    section.path = ("sync_group", made)
    draft.places[section.path] = section.place(statement, "")
    if made != name:
        section.note(statement, f"is called {made} here", "", code=Code.RENAMED)
    if Group(section, health, defaults, order).read(statement):
        draft.document.setdefault("sync_group", {})[made] = section.values
