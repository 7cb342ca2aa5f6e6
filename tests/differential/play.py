"""A scenario on two real hosts, and what was seen of it."""

import re
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime

from tests.differential.observation import Observation, Sent, Window, changes, holders, priorities
from tests.differential.players import NAMES, PATIENCE, Players
from tests.differential.scenario import Scenario, Step
from tests.lab.addresses import AddressNews
from tests.lab.net import Lan
from tests.lab.stall import Stalls
from tests.lab.tail import Tail
from tests.lab.waiting import LabTimeoutError, now, wait_until
from tests.lab.wire import Capture

STATES = {
    "k": re.compile(r"\((\S+)\) Entering (MASTER|BACKUP|FAULT) STATE"),
    "v": re.compile(r"event=state\.changed instance=(\S+) .*\bnew=(master|backup|fault)\b"),
}
STAMP = re.compile(r"^timestamp=(\S+)")
"""vrrpd says when: a line may be written when the machine has time for it. keepalived says only in which second."""
SHORT_SECONDS = 0.1
"""Both or nobody having an address for less than this is its way from one to the other."""
MOST_SECONDS = 0.3
"""More than that a busy machine does not lengthen it: Skew_Time, in which nobody has the address, is twice as long."""
RESTED = 1.5
"""Intervals after which a silent Master is none any more."""


@dataclass(slots=True)
class Moment:
    """When a step began, was done and was over; `since`: from when its first change counts; `late`: seconds by which
    we were late."""

    step: Step
    begun: float
    since: float = 0.0
    ended: float = 0.0
    late: float = 0.0


@dataclass(slots=True)
class Stage:
    """One laboratory with everything that looks at it."""

    scenario: Scenario
    makes: str
    lan: Lan
    wire: Capture
    addresses: AddressNews
    tail: Tail
    stalls: Stalls
    players: Players
    moments: list[Moment] = field(default_factory=list)

    def play(self) -> Observation:
        """All steps."""
        for name in self.players.parts:
            self.tail.follow(f"{name} log", self.players.parts[name].log_file)
            for file in ("told", "fifo.told"):
                self.tail.follow(f"{name} {file}", self.players.directory(name) / file)
        for step in self.scenario.steps:
            self._act(step)
        time.sleep(SHORT_SECONDS)  # the tail has read what belongs to the last step
        return Observation(self.scenario.name, self.makes, tuple(map(self._window, self.moments)))

    def _act(self, step: Step) -> None:
        """In the middle between two advertisements, if there are any: what comes then has the same time to all."""
        anchor, late = self._middle()
        moment = Moment(step, now(), late=late)
        for event in step.events:
            event.act(self.players)
        moment.since = anchor or moment.begun
        for event in step.events:
            self._wait_first_state(event.starts, moment.begun)
        acted = now()
        self.moments.append(moment)
        time.sleep(max(0.0, acted + step.seconds - now()))
        moment.ended = now()

    def _wait_first_state(self, name: str, begun: float) -> None:
        """Of vrrpd, whose first check may take a while. keepalived is quick, and silent about a fault."""
        if name and self.makes[NAMES.index(name)] == "v":
            wait_until(
                lambda: any(host == name and at >= begun for at, host, _, _ in self._entered()),
                PATIENCE,
                f"the first state of {name}",
            )

    def _middle(self) -> tuple[float, float]:
        """The instant of the advertisement before now, 0 if there is none, and how late we woke."""
        interval = self.scenario.interval
        if not [each for each in self._sent() if each.priority and each.at > now() - RESTED * interval]:
            return 0.0, 0.0
        try:
            last = self.wire.wait_advert(since=now(), timeout=RESTED * interval)
        except LabTimeoutError:
            return 0.0, 0.0
        middle = last.at + interval / 2
        time.sleep(max(0.0, middle - now()))
        return last.at, max(0.0, now() - middle)

    def _sent(self) -> list[Sent]:
        own = [each for each in self.wire.adverts() if each.port in NAMES]
        return [Sent(each.at, f"{each.port}/{each.vrid}", each.priority) for each in own]

    # --- what was seen ------------------------------------------------------------------------------------------

    def _window(self, moment: Moment) -> Window:
        begun, ended = moment.begun, moment.ended
        sent, patience = self._sent(), RESTED * self.scenario.interval
        since = self._since(moment)
        slack = self._slack(moment)
        return Window(
            event=moment.step.text,
            states=self._states(begun, ended),
            priorities=priorities(sent, begun, ended, patience),
            holders={each: self._holders(each, moment, max(begun, since), slack) for each in self.scenario.addresses},
            calls=self._calls(begun, ended),
            changes=changes(sent, (begun, ended), since, patience),
            slack=slack,
        )

    def _since(self, moment: Moment) -> float:
        """A router that starts takes its time, which is not judged here: it counts from its first state."""
        for event in moment.step.events:
            entered = [
                at for at, host, _, _ in self._entered() if host == event.starts and moment.begun <= at < moment.ended
            ]
            if entered:
                return entered[0]
        return moment.since

    def _slack(self, moment: Moment) -> float:
        spans = self.stalls.within(moment.begun, moment.ended)
        return moment.late + max((last - first for first, last in spans), default=0.0)

    def _entered(self) -> list[tuple[float, str, str, str]]:
        """When, host, instance, state."""
        found = []
        for name, make in zip(NAMES, self.makes, strict=True):
            for line in self.tail.seen(f"{name} log"):
                if match := STATES[make].search(line.text):
                    at = (
                        datetime.fromisoformat(stamp.group(1)).timestamp()
                        if (stamp := STAMP.match(line.text))
                        else line.at
                    )
                    found += [(at, name, match.group(1), match.group(2).upper())]
        return found

    def _states(self, begun: float, ended: float) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for at, host, instance, state in self._entered():
            if begun <= at < ended:
                key = f"{host} {instance}"
                found[key] = (*found.get(key, ()), state)
        return found

    def _holders(self, address: str, moment: Moment, begun: float, slack: float) -> tuple[str, ...]:
        news = [(each.at, each.host, each.held) for each in self.addresses.news() if each.address == address]
        starting = any(event.starts for event in moment.step.events)
        return holders(news, begun, moment.ended, SHORT_SECONDS + min(slack, MOST_SECONDS), starting=starting)

    def _calls(self, begun: float, ended: float) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for line in self.tail.seen():
            host, _, source = line.source.partition(" ")
            if source != "log" and begun <= line.at < ended:
                keyword, _, rest = line.text.partition(" ") if source == "told" else ("fifo", "", line.text)
                key = f"{host} {keyword}"
                found[key] = (*found.get(key, ()), rest)
        return found


def play(scenario: Scenario, makes: str) -> Observation:
    """In namespaces of its own, which are gone afterwards."""
    with ExitStack() as stack:
        lan = stack.enter_context(Lan([*NAMES, "c"], ipv6=scenario.ipv6))
        players = Players(lan, makes, scenario.sides, dict(scenario.files), ipv6=scenario.ipv6)
        for name in NAMES:
            for link in scenario.links:
                players.add_link(name, link)
        stage = Stage(
            scenario,
            makes,
            lan,
            stack.enter_context(Capture(lan)),
            stack.enter_context(AddressNews(lan)),
            stack.enter_context(Tail()),
            stack.enter_context(Stalls()),
            players,
        )
        return stage.play()
