"""Probe `haproxy`: ask the stats socket whether HAProxy is alive and has servers behind it, and notice its death.

It sends `show info` and `show stat` (HAProxy management guide, section 9.3), for which `stats socket PATH level user`
is enough. Between two checks it waits for the end of the process that answered: a dead HAProxy is a certain failure,
without waiting for the next tick or for `fall`; a worker that has made room for a new one is none.
"""

import asyncio

from vrrpd.probes.haproxy_answer import QUESTION, Answer
from vrrpd.probes.haproxy_judge import judge
from vrrpd.probes.haproxy_options import HaproxyOptions
from vrrpd.probes.haproxy_process import Behind
from vrrpd.probes.haproxy_socket import StatsSocket
from vrrpd.probes.haproxy_words import Unanswered, Word
from vrrpd.probes.outcome import Seen

AGAIN = (0.01, 0.04)
"""Seconds to wait before another question in one check. During a reload an old worker still takes a connection now and
then, hangs up or says that it is stopping; the next connection is the new worker's."""


class HaproxyProbe:
    """Well while HAProxy answers, is not stopping, and each backend has enough servers."""

    def __init__(self, options: HaproxyOptions) -> None:
        """Nothing is opened yet."""
        self._options = options
        self._socket = StatsSocket(options.socket)
        self._behind = Behind()
        self._was_well = False
        self._refused = ""

    async def check(self) -> Seen:
        """Ask until somebody answers, three times at most. Raises `ProbeFailed`, `ProbeUnknown`.

        One that is cancelled for its time leaves `_was_well`: nothing was learned, and a reload may be what took long.
        """
        self._behind.clear()
        self._refused = ""
        was_well = self._was_well
        try:
            seen = judge(await self._answer(), self._options, was_well=was_well)
        except Exception:
            self._was_well = False
            raise
        self._was_well = True
        return seen

    async def changed(self) -> None:
        """A process that answered has ended."""
        await self._behind.wait()

    def late(self) -> str:
        """What the check that is late found so far."""
        if not self._socket.connected:
            return self._refused
        pids = ", ".join(map(str, self._behind.living))
        return Word.FROZEN.said("haproxy takes the connection and says nothing" + (f" (pid {pids})" if pids else ""))

    async def close(self) -> None:
        """Watch nobody any more."""
        self._behind.close()

    async def _answer(self) -> Answer:
        for pause in AGAIN:
            try:
                return await self._asked()
            except Unanswered as failed:
                if failed.certain:
                    raise
                self._refused = str(failed)
            await asyncio.sleep(pause)
        return await self._asked()

    async def _asked(self) -> Answer:
        """One question. Whoever answers and stays is watched from now on."""
        try:
            reply = await self._socket.ask(QUESTION)
        except Unanswered as failed:
            raise self._explained(failed) from failed
        answer = Answer.parse(reply.text)
        if (stopping := answer.info.get("Stopping", "not told")) != "0":
            raise Unanswered(Word.STOPPING, f"{self._options.socket}: haproxy says Stopping: {stopping}")
        self._behind.follow((answer.pid, reply.listener))
        return answer

    def _explained(self, failed: Unanswered) -> Unanswered:
        """With what is known of the process: a socket that refuses is not yet a death."""
        if failed.word is not Word.GONE:
            return failed
        if self._behind.ended:
            return Unanswered(Word.GONE, f"{self._options.socket}: haproxy has ended", certain=True)
        if self._behind.living and isinstance(failed.__cause__, ConnectionRefusedError):
            return Unanswered(Word.STOPPING, f"{self._options.socket}: nobody listens, though its process lives")
        return failed
