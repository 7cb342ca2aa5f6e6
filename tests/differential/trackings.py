"""Configurations about what is tracked: scripts, files, interfaces, processes, and what a reload makes of them."""

from tests.differential.configuration import DIRECTORY, Side, file, script, side, telling, tracking
from tests.differential.events import content, link, process, reload, start, verdict
from tests.differential.scenario import ALONE, Aspect, Scenario, rises, shall, sinks, step, wanted
from tests.differential.vectors import UP

STATES, PRIORITIES, HOLDERS, TIMES = Aspect.STATES, Aspect.PRIORITIES, Aspect.HOLDERS, Aspect.TIMES
V = ("vv", "vk")
TELL = telling("master", "backup", "fault")


def with_script(priority: int, track: str, *body: str) -> Side:
    """A side whose router tracks a script; `track` is its line in track_script."""
    return side(priority, tracking("script", track), head=(script("chk", *body),))


SCRIPTS = (
    Scenario(
        name="weight-positive",
        title="80 and weight 20 against 90",
        a=with_script(80, "chk", "weight 20"),
        b=side(90),
        files={"chk": "0\n"},
        steps=(*UP, step(6, verdict("a", "chk", 1)), step(6, verdict("a", "chk", 0))),
        wanted=(*sinks(2), rises(3)),
    ),
    Scenario(
        name="weight-of-track",
        title="the weight in track_script counts, not that of the script",
        a=with_script(100, "chk weight -30", "weight 5"),
        b=side(90),
        files={"chk": "0\n"},
        steps=(*UP, step(6, verdict("a", "chk", 1)), step(6, verdict("a", "chk", 0))),
        wanted=(*sinks(2), rises(3)),
    ),
    Scenario(
        name="weight-reverse",
        title="weight 20 reverse: what succeeds takes away",
        a=with_script(100, "chk", "weight 20 reverse"),
        b=side(90),
        files={"chk": "1\n"},
        steps=(*UP, step(6, verdict("a", "chk", 0)), step(6, verdict("a", "chk", 1))),
        wanted=(*sinks(2), rises(3)),
    ),
    Scenario(
        name="weight-negative-reverse",
        title="weight -20 reverse: what fails adds",
        a=with_script(80, "chk", "weight -20 reverse"),
        b=side(90),
        files={"chk": "1\n"},
        steps=(*UP, step(6, verdict("a", "chk", 0))),
        wanted=sinks(2),
    ),
    Scenario(
        name="fault-reverse",
        title="weight 0 reverse: what succeeds is a fault",
        a=with_script(100, "chk", "weight 0 reverse"),
        b=side(90),
        files={"chk": "1\n"},
        steps=(*UP, step(3, verdict("a", "chk", 0)), step(6, verdict("a", "chk", 1))),
        wanted=(rises(3),),
    ),
    Scenario(
        name="weights-clamped",
        title="-120 and -200 of 250 are 1; one back is 50",
        a=side(
            250,
            tracking("script", "one", "two"),
            head=(script("one", "weight -120"), script("two", "weight -200")),
        ),
        b=side(40),
        files={"one": "0\n", "two": "0\n"},
        steps=(
            *UP,
            step(2.5, verdict("a", "one", 1)),
            step(6, verdict("a", "two", 1)),
            step(6, verdict("a", "one", 0)),
        ),
        wanted=(*sinks(3), rises(4)),
    ),
    Scenario(
        name="two-faults",
        title="two scripts of weight 0: well when both are",
        a=side(100, tracking("script", "one", "two"), head=(script("one"), script("two"))),
        b=side(90),
        files={"one": "0\n", "two": "0\n"},
        steps=(
            *UP,
            step(3, verdict("a", "one", 1)),
            step(2.5, verdict("a", "two", 1)),
            step(2.5, verdict("a", "one", 0)),
            step(6, verdict("a", "two", 0)),
        ),
        wanted=(rises(5),),
    ),
    Scenario(
        name="rise-fall",
        title="rise 2, fall 3",
        a=with_script(100, "chk", "rise 2", "fall 3"),
        b=side(90),
        files={"chk": "0\n"},
        steps=(*UP, step(5.5, verdict("a", "chk", 1)), step(7.5, verdict("a", "chk", 0))),
        wanted=(rises(3),),
    ),
    Scenario(
        name="init-fail",
        title="init_fail with rise 3",
        a=with_script(100, "chk", "rise 3", "init_fail"),
        files={"chk": "0\n"},
        steps=(step(7.5, start("a")),),
        pairs=ALONE,
        wanted=(wanted(0, "init_fail", STATES, HOLDERS, TIMES),),
        shalls=(shall(0, STATES, "a VI_1", "FAULT, BACKUP, MASTER"),),
    ),
    Scenario(
        name="timeout",
        title="a script begins to hang",
        a=side(
            100,
            tracking("script", "own"),
            head=(f'vrrp_script own {{\n    script "{DIRECTORY}/own"\n    interval 2\n    timeout 1\n}}\n',),
        ),
        b=side(90),
        files={"own": '#!/bin/sh\nread -r long < "${0%/*}/long"\nexec sleep "$long"\n', "long": "0\n"},
        steps=(*UP, step(6, content("a", "long", "20", late=2.1))),
    ),
    Scenario(
        name="failing-at-start",
        title="a weighted script fails from the beginning",
        a=with_script(100, "chk", "weight -20"),
        b=side(90),
        files={"chk": "1\n"},
        steps=(step(4.5, start("b")), step(5, start("a")), step(6, verdict("a", "chk", 0))),
        wanted=(rises(2),),
    ),
)

FILES = (
    Scenario(
        name="file-weight",
        title="a track_file of weight 1 moves the priority",
        a=side(100, tracking("file", "hand"), head=(file("hand", "weight 1"),)),
        b=side(90),
        files={"hand": "0\n"},
        steps=(*UP, step(5.5, content("a", "hand", "-20")), step(5.5, content("a", "hand", "0x5"))),
        wanted=(*sinks(2), rises(3)),
    ),
    Scenario(
        name="file-fault",
        title="a track_file of weight 0: a value is a fault",
        a=side(100, tracking("file", "hand weight 0"), head=(file("hand"),)),
        b=side(90),
        files={"hand": "0\n"},
        steps=(*UP, step(3, content("a", "hand", "1")), step(5.5, content("a", "hand", "0"))),
        wanted=(rises(3),),
    ),
    Scenario(
        name="file-low",
        title="a track_file of weight 10 with value -26 is a fault",
        a=side(100, tracking("file", "hand weight 10"), head=(file("hand"),)),
        b=side(90),
        files={"hand": "0\n"},
        steps=(*UP, step(3, content("a", "hand", "-26")), step(5.5, content("a", "hand", "0"))),
        wanted=(rises(3),),
    ),
    Scenario(
        name="file-reverse",
        title="a track_file of weight 2 reverse",
        a=side(100, tracking("file", "hand weight 2 reverse"), head=(file("hand"),)),
        b=side(90),
        files={"hand": "0\n"},
        steps=(*UP, step(5.5, content("a", "hand", "10"))),
        wanted=sinks(2),
    ),
    Scenario(
        name="file-words",
        title="a track_file of weight 0 holds no number",
        a=side(100, tracking("file", "hand weight 0"), head=(file("hand"),)),
        files={"hand": "0\n"},
        steps=(step(4.5, start("a")), step(3, content("a", "hand", "none"))),
        pairs=ALONE,
        wanted=(wanted(1, "file_unknown", STATES, PRIORITIES, HOLDERS, TIMES),),
        shalls=(shall(1, STATES, "a VI_1", "FAULT"),),
    ),
)

HOSTS = (
    Scenario(
        name="interface-fault",
        title="another interface of weight 0 goes down and comes up",
        a=side(100, tracking("interface", "eth1")),
        b=side(90),
        links=("eth1",),
        steps=(
            *UP,
            step(3, link("a", up=False, interface="eth1")),
            step(5.5, link("a", up=True, interface="eth1")),
        ),
        wanted=(rises(3),),
    ),
    Scenario(
        name="interface-weight",
        title="another interface of weight -20",
        a=side(100, tracking("interface", "eth1 weight -20")),
        b=side(90),
        links=("eth1",),
        steps=(
            *UP,
            step(5.5, link("a", up=False, interface="eth1")),
            step(5.5, link("a", up=True, interface="eth1")),
        ),
        wanted=(*sinks(2), rises(3)),
    ),
    Scenario(
        name="two-interfaces",
        title="two interfaces of weight 0 go down, one comes up",
        a=side(100, tracking("interface", "eth1", "eth2")),
        b=side(90),
        links=("eth1", "eth2"),
        steps=(
            *UP,
            step(3, link("a", up=False, interface="eth1"), link("a", up=False, interface="eth2")),
            step(3, link("a", up=True, interface="eth1")),
        ),
    ),
    Scenario(
        name="process-absent",
        title="a process that does not run",
        a=side(
            100,
            *TELL,
            tracking("process", "worker"),
            head=("vrrp_track_process worker {\n    process vrrpd-absent\n}\n",),
        ),
        b=side(90),
        steps=(step(4.5, start("b")), step(4.5, start("a"))),
        wanted=(wanted(1, "fault_logged", STATES, makes=V),),
    ),
    Scenario(
        name="process",
        title="a process of weight -20 ends",
        a=side(
            100,
            tracking("process", "worker"),
            head=("vrrp_track_process worker {\n    process vrrpd-worker\n    weight -20\n}\n",),
        ),
        b=side(90),
        steps=(
            step(0, process("a", "vrrpd-worker", runs=True)),
            step(4.3, start("a")),
            step(4, process("a", "vrrpd-worker", runs=False)),
        ),
        pairs=ALONE,
        wanted=(
            wanted(1, "process_events", PRIORITIES, TIMES),
            wanted(2, "process_events", PRIORITIES, TIMES),
        ),
        shalls=(shall(1, PRIORITIES, "a/51", "100"), shall(2, PRIORITIES, "a/51", "100, 80")),
    ),
)

RELOADS = (
    Scenario(
        name="reload-priority",
        title="a reload lowers the priority of a below that of b, and back",
        a=side(100),
        b=side(90),
        steps=(*UP, step(6, reload("a", side(80), "priority 80")), step(6, reload("a", side(100), "priority 100"))),
        wanted=(*sinks(2), rises(3)),
    ),
    Scenario(
        name="reload-weight",
        title="a reload changes the weight of a script that fails",
        a=with_script(100, "chk", "weight -5"),
        b=side(90),
        files={"chk": "1\n"},
        steps=(*UP, step(6, reload("a", with_script(100, "chk", "weight -20"), "weight -20"))),
        wanted=sinks(2),
    ),
    Scenario(
        name="reload-reverse",
        title="a reload that changes nothing, with weight 20 reverse",
        a=with_script(100, "chk", "weight 20 reverse"),
        b=side(40),
        files={"chk": "0\n"},
        steps=(*UP, step(4, reload("a", with_script(100, "chk", "weight 20 reverse"), "the same"))),
        wanted=(wanted(2, "reload_sign", PRIORITIES, TIMES, makes=V),),
        shalls=(shall(2, PRIORITIES, "a/51", "80"),),
    ),
    Scenario(
        name="reload-addresses",
        title="a reload adds an address, and takes it away",
        a=side(100),
        b=side(90, "nopreempt"),
        also=("192.0.2.101",),
        steps=(
            step(4.5, start("a")),
            step(3, reload("a", side(100, vips=("192.0.2.100/32", "192.0.2.101/32")), "one more address")),
            step(3, reload("a", side(100), "as before")),
        ),
        pairs=ALONE,
    ),
    Scenario(
        name="reload-script",
        title="a reload adds a script that fails",
        a=side(100),
        b=side(90),
        files={"chk": "1\n"},
        steps=(*UP, step(4, reload("a", with_script(100, "chk"), "with a script"))),
    ),
    Scenario(
        name="reload-vrid",
        title="a reload with another VRID",
        a=side(100),
        b=side(90),
        steps=(*UP, step(6, reload("a", side(100, vrid=52), "VRID 52"))),
    ),
    Scenario(
        name="reload-bad",
        title="a reload with a file that has a mistake",
        a=side(100),
        b=side(90),
        steps=(*UP, step(5, reload("a", side(100, "garp_master_repeat"), "a keyword without its value"))),
        wanted=(wanted(2, "reload_refused", STATES, PRIORITIES, HOLDERS, TIMES),),
        shalls=(shall(2, HOLDERS, "192.0.2.100", "a"), shall(2, STATES, "b VI_1", "")),
    ),
    Scenario(
        name="reload-interface",
        title="a reload with an interface that is not there",
        a=side(100),
        b=side(90),
        steps=(*UP, step(5, reload("a", side(100, "interface nosuch0"), "interface nosuch0"))),
        wanted=(wanted(2, "interface_missing", STATES, PRIORITIES, HOLDERS, TIMES, makes=V),),
        shalls=(shall(2, HOLDERS, "192.0.2.100", "a, -, b"), shall(2, PRIORITIES, "a/51", "100, 0")),
    ),
)

TRACKINGS: tuple[Scenario, ...] = (*SCRIPTS, *FILES, *HOSTS, *RELOADS)
