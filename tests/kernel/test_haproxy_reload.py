"""HAProxy reloads, stops, freezes and dies: what the probe says of it, and when."""

import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from tests.kernel.watched import PATIENCE, Run, Watched
from tests.lab.haproxy import BACKEND, HaProxy
from tests.lab.net import Lan
from tests.lab.part import alive, descendants
from tests.lab.parts import Client, StandInBroker
from tests.lab.session import Session
from tests.lab.stall import Stalls
from tests.lab.waiting import now, wait_until
from vrrpd.config import model
from vrrpd.engine.inputs import Outcome
from vrrpd.engine.verdict import Verdict
from vrrpd.probes.haproxy_options import HaproxyOptions
from vrrpd.protocol.messages import Seconds

pytestmark = [pytest.mark.kernel, pytest.mark.timeout(180)]

RELOADS = 50
LOADED = "Loading success."
"""Said by the master after each start and reload."""
NEVER = 3600.0
"""An interval that does not end within a test: a run after the first is one that the probe asked for."""
GENEROUS = 15.0
"""Of a check: a slow machine is no frozen HAProxy."""
SAMPLE_TIMEOUT, SAMPLE_RISE, SAMPLE_FALL = 0.5, 2, 2
"""Of config/examples."""
STALLED = 0.2
"""Part of a time limit that a busy machine may take: what is late then says nothing of HAProxy."""
PLAIN, EXPOSED = "level admin", "level admin expose-fd listeners"
"""The new worker has its sockets from the old one in place of binding them anew."""


@pytest.fixture(scope="module")
def lan() -> Iterator[Lan]:
    """Two proxies, a broker and a client."""
    with Lan(["proxy", "other", "broker", "client"]) as made, StandInBroker(made["broker"]):
        yield made


@pytest.fixture
def proxy(lan: Lan) -> Iterator[HaProxy]:
    """One whose server has been checked."""
    with HaProxy(lan["proxy"], servers(lan)) as made:
        wait_checked(made)
        made.wait_tellable()
        yield made


def servers(lan: Lan) -> dict[str, str]:
    return {"rabbit1": f"{lan['broker'].ip}:5672"}


def wait_checked(proxy: HaProxy) -> None:
    wait_until(lambda: proxy.servers_up() == 1, PATIENCE, "checks of haproxy")


def probe(
    proxy: HaProxy, *, interval: float, timeout: float = GENEROUS, name: str = "p", socket: str = ""
) -> model.Probe:
    options = HaproxyOptions(socket=socket or str(proxy.stats_socket), backends=(BACKEND,))
    return model.Probe(name=name, type="haproxy", interval=Seconds(interval), timeout=Seconds(timeout), options=options)


def reload(proxy: HaProxy) -> None:
    """As `systemctl reload` does it, and wait until the new worker answers and the master can be told again."""
    before, loaded = {*descendants(proxy.pid), 0}, proxy.log().count(LOADED)
    proxy.process.send_signal(signal.SIGUSR2)
    wait_until(lambda: proxy.log().count(LOADED) > loaded, PATIENCE, "a reload")
    proxy.wait_tellable()
    wait_until(lambda: answering(proxy) not in before, PATIENCE, "a new worker")


def answering(proxy: HaProxy) -> int:
    """Pid of the worker that answers and stays; 0 while there is none."""
    try:
        lines = dict(line.partition(": ")[::2] for line in proxy.ask("show info").splitlines())
    except OSError:
        return 0
    return int(lines["Pid"]) if lines.get("Stopping") == "0" else 0


class Loaded:
    """A HAProxy on `host` with a session that lasts, a client that comes ever again, and two probes; on a stack."""

    def __init__(self, lan: Lan, host: str, level: str, stack: ExitStack) -> None:
        self.proxy = HaProxy(lan[host], servers(lan))
        file = self.proxy.configuration_file
        file.write_text(file.read_text().replace(PLAIN, level))
        stack.enter_context(self.proxy)
        wait_checked(self.proxy)
        self.proxy.wait_tellable()
        self.session = stack.enter_context(Session(lan["client"], lan[host].ip, every=0.1))
        self.client = stack.enter_context(Client(lan["client"], lan[host].ip, every=0.02))
        quick = probe(self.proxy, interval=0.02, name="quick")
        sample = probe(self.proxy, interval=0.2, timeout=SAMPLE_TIMEOUT, name="sample")
        self.watched = stack.enter_context(Watched(lan[host], quick, sample))
        self.watched.wait_well()


def test_fifty_reloads_under_load_are_no_failure(lan: Lan) -> None:
    """Not one run fails, and with the sample's `timeout` no verdict flips; the first worker lives on with its session.

    Two of them at a time: with sockets that each worker binds anew, and with sockets that are handed on.
    """
    with ExitStack() as stack, ThreadPoolExecutor() as pool:
        sides = [Loaded(lan, host, level, stack) for host, level in (("proxy", PLAIN), ("other", EXPOSED))]
        firsts = [each.proxy.worker for each in sides]
        stalls = stack.enter_context(Stalls())
        for _ in range(RELOADS):
            list(pool.map(reload, [each.proxy for each in sides]))
        for each in sides:
            each.watched.wait_well(since=now())
            each.session.wait_round()
            assert len(each.client.successes()) > RELOADS
        assert all(map(alive, firsts)), "the session keeps the first worker"
    for each in sides:
        assert [str(run) for run in of(each.watched, "quick") if run.result.outcome is not Outcome.OK] == []
        assert {run.result.outcome for run in of(each.watched, "sample")} <= {Outcome.OK, Outcome.TIMEOUT}
        assert flips([run for run in of(each.watched, "sample") if not stalled(run, stalls)]) == []


def of(watched: Watched, name: str) -> list[Run]:
    """All runs of a probe; there were some."""
    found = [run for run in watched.runs if run.probe == name]
    assert len(found) > 1
    return found


def stalled(run: Run, stalls: Stalls) -> bool:
    """It was late while the machine kept others waiting, too."""
    late = run.result.outcome is Outcome.TIMEOUT
    return late and stalls.seconds(run.at - SAMPLE_TIMEOUT, run.at) > STALLED * SAMPLE_TIMEOUT


def flips(runs: Sequence[Run]) -> list[str]:
    """The runs that turned the verdict of a probe that was up."""
    verdict, found = Verdict(SAMPLE_RISE, SAMPLE_FALL, SAMPLE_RISE + SAMPLE_FALL - 1, known=True), []
    for run in runs:
        before, verdict = verdict, verdict.after(run.result)
        if verdict.up is not before.up:
            found.append(str(run))
    return found


def test_an_old_worker_that_ends_is_no_death(lan: Lan, proxy: HaProxy) -> None:
    """Its end makes the probe ask, the new worker answers and is the one to watch from then on."""
    with Watched(proxy.host, probe(proxy, interval=NEVER)) as watched:
        with Session(lan["client"], proxy.host.ip, every=0.1) as session:
            old = proxy.worker
            reload(proxy)
            session.wait_round()
            assert alive(old)
            assert len(watched.runs) == 1, "it lives with its session: nothing has ended"
        second = watched.wait_well(since=watched.runs[0].at)
        assert not alive(old)
        reload(proxy)
        watched.wait_well(since=second.at)
    assert {run.result.outcome for run in watched.runs} == {Outcome.OK}


def kill_worker(proxy: HaProxy) -> None:
    """The master ends by itself then."""
    proxy.kill_worker()


def kill_all(proxy: HaProxy) -> None:
    proxy.kill()


def stop(proxy: HaProxy) -> None:
    proxy.stop()


@pytest.mark.parametrize("end", [kill_worker, kill_all, stop])
def test_a_death_is_seen_without_any_tick(proxy: HaProxy, end: Callable[[HaProxy], None]) -> None:
    """And is certain, whatever became of the socket: it stays behind."""
    with Watched(proxy.host, probe(proxy, interval=NEVER)) as watched:
        end(proxy)
        run = watched.wait(lambda run: run.result.outcome is Outcome.FAIL)
        assert str(run) == f"fail, certain: gone: {proxy.stats_socket}: haproxy has ended"
    assert proxy.stats_socket.exists()


def test_killed_master_leaves_a_worker_that_may_still_answer(lan: Lan, proxy: HaProxy) -> None:
    """The death is booked when nobody answers any more, not before."""
    with Watched(proxy.host, probe(proxy, interval=NEVER)) as watched:
        worker = proxy.worker
        proxy.process.kill()
        run = watched.wait(lambda run: run.result.outcome is Outcome.FAIL)
        assert str(run) == f"fail, certain: gone: {proxy.stats_socket}: haproxy has ended"
        wait_until(lambda: not alive(worker), PATIENCE, "end of the worker")


def test_a_soft_stop_is_told_apart_from_a_death(lan: Lan, proxy: HaProxy) -> None:
    """SIGUSR1: sessions go on, nobody new is taken."""
    with Session(lan["client"], proxy.host.ip, every=0.1) as session:
        with Watched(proxy.host, probe(proxy, interval=0.1)) as watched:
            watched.wait_well()
            proxy.process.send_signal(signal.SIGUSR1)
            run = watched.wait(lambda run: run.result.outcome is not Outcome.OK)
            assert str(run).startswith("fail: stopping: ")
            session.wait_round()
        refused = now()
    with Watched(proxy.host, probe(proxy, interval=0.1)) as watched:
        watched.wait_told("fail: gone: ", since=refused)


def test_a_frozen_worker_is_told_as_such(lan: Lan, proxy: HaProxy) -> None:
    """First it is silent; then its queue is full of connections that were given up. It is well again after the thaw."""
    with Watched(proxy.host, probe(proxy, interval=0.1, timeout=0.1)) as watched:
        watched.wait_well()
        proxy.freeze_worker()
        silent = "frozen? haproxy takes the connection and says nothing"
        frozen = watched.wait(lambda run: run.result.outcome is Outcome.TIMEOUT and silent in run.result.detail, now())
        assert frozen.result.detail.startswith(f"no answer within 0.1 s: {silent} (pid ")
        full = watched.wait_told(f"fail: frozen? {proxy.stats_socket}: nobody takes", since=frozen.at)
        proxy.thaw()
        watched.wait_well(since=full.at)


def test_an_abstract_socket(lan: Lan) -> None:
    """Reloads go by as well; there is no file to be left behind."""
    proxy = HaProxy(lan["proxy"], servers(lan))
    text = proxy.configuration_file.read_text()
    proxy.configuration_file.write_text(text.replace("defaults", "    stats socket abns@vrrpd level user\ndefaults", 1))
    with proxy:
        wait_checked(proxy)
        proxy.wait_tellable()
        with Watched(proxy.host, probe(proxy, interval=0.02, socket="abns@vrrpd")) as watched:
            for _ in range(5):
                reload(proxy)
            watched.wait_well(since=now())
            proxy.kill()
            watched.wait_told("fail, certain: gone: abns@vrrpd")
    outcomes = [run.result.outcome for run in watched.runs]
    assert set(outcomes[: outcomes.index(Outcome.FAIL)]) == {Outcome.OK}
    assert Outcome.OK not in outcomes[outcomes.index(Outcome.FAIL) :]


class Contained(HaProxy):
    """In a PID namespace of its own: its `Pid` means nobody here, or somebody else."""

    def argv(self) -> Sequence[str]:
        """Its end is the end of all in it."""
        return ["unshare", "--pid", "--fork", "--kill-child", *super().argv()]


def test_a_death_in_another_pid_namespace(lan: Lan) -> None:
    """The kernel tells who opened the socket as we count pids."""
    with Contained(lan["proxy"], servers(lan)) as proxy:
        wait_checked(proxy)
        with Watched(proxy.host, probe(proxy, interval=NEVER)) as watched:
            proxy.kill()
            run = watched.wait(lambda run: run.result.outcome is Outcome.FAIL)
            assert str(run) == f"fail, certain: gone: {proxy.stats_socket}: haproxy has ended"
            assert run.result.alarms == ()


def test_a_refused_reload_changes_nothing(lan: Lan, proxy: HaProxy) -> None:
    """A file that HAProxy does not understand: the worker of before goes on."""
    with Watched(proxy.host, probe(proxy, interval=0.02)) as watched:
        good, worker = proxy.configuration_file.read_text(), proxy.worker
        proxy.configuration_file.write_text(good + "nonsense\n")
        proxy.process.send_signal(signal.SIGUSR2)
        proxy.wait_log("nonsense", PATIENCE)
        watched.wait_well(since=now())
        assert answering(proxy) == worker
    assert {run.result.outcome for run in watched.runs} == {Outcome.OK}
