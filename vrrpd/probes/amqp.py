"""Probe `amqp`: is the broker well, or are enough brokers of a cluster, without filling their logs.

RabbitMQ logs every handshake that is not a whole login and logout, some of them as errors. So there are these depths:

- TCP only: no line in the log, blind to a frozen broker.
- `tls` without credentials: the TLS handshake. No line, sees a frozen broker, costs both sides a signature.
- `handshake`: Connection.Start. Sees a frozen broker; an info and a warning for each check.
- `user` and `password`, the one to choose: one kept connection on which each check opens and closes a channel, and a
  touch of the port, as a kept connection outlives `suspend_listeners`. No line but those of a login every `relogin`.
  It also hears the broker close the connection, at once, and sees its memory and disk alarms.

A user without tags and with permissions '^$' '^$' '^$' on the vhost is enough.
"""

import asyncio
from typing import NamedTuple

from vrrpd.probes.amqp_options import AmqpOptions
from vrrpd.probes.amqp_target import Answer, Target
from vrrpd.probes.outcome import Gauge, Measure, ProbeFailed, Seen
from vrrpd.probes.tls import Contexts

BLOCKED = Gauge("amqp_blocked", "1 if the broker blocks publishers (memory or disk alarm).", ("target",))
TARGETS_UP = Gauge("amqp_targets_up", "Brokers that the last check found up.")

OF_THE_TIMEOUT = 0.9
"""Part of a check's time that each of several targets has; the rest is for telling of those that did not answer."""


class Asked(NamedTuple):
    """A target and what came of asking it."""

    target: Target
    answer: Answer

    @property
    def fault(self) -> str:
        """Why it is not up, with its place in front."""
        place, detail = f"{self.target.place}: ", self.answer.detail
        return detail if detail.startswith(place) else place + detail


class AmqpProbe:
    """Well while `min_up` brokers answer at the depth the options ask for."""

    def __init__(self, options: AmqpOptions) -> None:
        """Nothing is opened yet."""
        self._min_up = options.min_up
        self._news = asyncio.Event()
        contexts = Contexts(options) if options.tls else None
        self._targets = [Target(place, options, contexts, self._news.set) for place in options.places]
        self._limit: float | None = None

    def bound(self, seconds: float) -> None:
        """One silent target must not take the others' answers with it."""
        self._limit = OF_THE_TIMEOUT * seconds if len(self._targets) > 1 else None

    async def check(self) -> Seen:
        """Look once. Raises `ProbeFailed`."""
        try:
            asked = await asyncio.gather(*map(self._ask, self._targets))
        finally:
            self._news.clear()  # a check has just heard all of it
        return self._judged(asked)

    async def changed(self) -> None:
        """A broker ended or blocked a connection between two checks."""
        await self._news.wait()

    async def close(self) -> None:
        """Log out politely, or drop the connections after a moment."""
        await asyncio.gather(*(target.close() for target in self._targets))

    async def _ask(self, target: Target) -> Asked:
        try:
            async with asyncio.timeout(self._limit):
                return Asked(target, await target.look())
        except ProbeFailed as failed:
            return Asked(target, Answer(str(failed), up=False))
        except TimeoutError:
            return Asked(target, Answer("no answer in time", up=False))

    def _judged(self, asked: list[Asked]) -> Seen:
        up = sum(each.answer.up for each in asked)
        measures = (
            Measure(TARGETS_UP, up),
            *(
                Measure(BLOCKED, float(each.answer.blocked), (str(each.target.place),))
                for each in asked
                if each.answer.blocked is not None
            ),
        )
        alarms = _alarms(asked)
        if up < self._min_up:
            raise ProbeFailed(_detail(asked), alarms=alarms, measures=measures)
        return Seen(detail=_detail(asked), alarms=alarms, measures=measures)


def _detail(asked: list[Asked]) -> str:
    """What one broker said, or how many of several are up and what is wrong with the others."""
    if len(asked) == 1:
        return asked[0].answer.detail
    up = sum(each.answer.up for each in asked)
    faults = "; ".join(each.fault for each in asked if not each.answer.up)
    return f"{up} of {len(asked)} brokers up" + (f" ({faults})" if faults else "")


def _alarms(asked: list[Asked]) -> tuple[str, ...]:
    """Of several brokers also those that are down: the others may hide it for long."""
    if len(asked) == 1:
        return tuple(each.answer.alarm for each in asked if each.answer.alarm)
    told = ((each.target.place, each.answer.alarm or ("" if each.answer.up else "down")) for each in asked)
    return tuple(f"{place}: {alarm}" for place, alarm in told if alarm)
