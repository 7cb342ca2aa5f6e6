"""A scenario as text, one line for each part, and back. Only what is not the default is written.

network version=3 advert_int=0.5
weather loss=0.1 burst=1
router r1 priority=150
probe weight=-40                 (of the router above)
at 3.25 freeze r1
"""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, replace
from enum import Enum
from typing import Any, TypeVar

from vrrpd.sim.plan import Action, End, Kind, Network, ProbePlan, RouterPlan, Scenario, Verb, Weather

Part = TypeVar("Part", Network, Weather, RouterPlan, ProbePlan)


class ScriptError(Exception):
    """What cannot be read, with its line."""


def write(scenario: Scenario, why: str = "") -> str:
    """The text of it; `why` stands above, as a comment."""
    return "\n".join([*(f"# {line}" for line in why.splitlines()), *_lines(scenario)]) + "\n"


def read(text: str) -> Scenario:
    """Raises ScriptError."""
    network, weather = Network(), Weather()
    routers: list[RouterPlan] = []
    actions: list[tuple[str, Action]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.partition("#")[0].split()
        try:
            match words:
                case []:
                    pass
                case ["network", *given]:
                    network = _changed(network, given)
                case ["weather", *given]:
                    weather = _changed(weather, given)
                case ["router", name, *given]:
                    routers.append(_changed(RouterPlan(name=name), given))
                case ["probe", *given]:
                    probes = (*routers[-1].probes, _changed(ProbePlan(), given))
                    routers[-1] = replace(routers[-1], probes=probes)
                case ["at", instant, verb, router, *argument]:
                    action = Action(float(instant), Verb(verb), router, " ".join(argument))
                    actions.append((f"line {number}: {line.strip()}", action))
                case _:
                    raise ValueError(words[0])
        except (ValueError, KeyError, IndexError) as error:
            raise ScriptError(f"line {number}: {line.strip()}: {error}") from error
    plans = {each.name: each for each in routers}
    for where, action in actions:
        try:
            _judge(action, plans, network.segments)
        except (ValueError, KeyError) as error:
            raise ScriptError(f"{where}: {error}") from error
    played = tuple(action for _, action in actions)
    return Scenario(network=replace(network, weather=weather), routers=tuple(routers), actions=played)


def changed(plan: RouterPlan, given: str) -> RouterPlan:
    """A plan with one keyword changed, as `keyword=value`. Raises ValueError, KeyError."""
    return _changed(plan, [given])


def _judge(action: Action, plans: Mapping[str, RouterPlan], segments: int) -> None:
    """Raises KeyError for a router that there is not, ValueError for an argument that its verb cannot have."""
    plan, argument = plans[action.router], action.argument
    match action.verb:
        case Verb.CUT | Verb.JOIN:
            name, segment = action.way
            _ = plans[name], range(segments).index(segment or 0)
        case Verb.SPLIT:
            _ = [plans[each] for each in argument.split(",") if each]
        case Verb.RELOAD:
            _changed(plan, [argument])
        case Verb.REBOOT | Verb.DRAIN:
            float(argument or "0")
        case Verb.FAIL | Verb.HANG | Verb.BLIND | Verb.MEND | Verb.HAND | Verb.TAKE_BACK | Verb.STEAL | Verb.PLANT:
            int(argument or "0")
        case Verb.DOWN | Verb.UP:
            _ = range(segments).index(int(argument or "0"))
        case _ if argument and (action.verb, argument) != (Verb.START, "forgetful"):
            raise ValueError(f"{action.verb.value} takes no {argument}")
        case _:
            pass


def _lines(scenario: Scenario) -> Iterator[str]:
    yield _line("network", scenario.network)
    yield _line("weather", scenario.network.weather)
    for router in scenario.routers:
        yield _line(f"router {router.name}", router)
        for probe in router.probes:
            yield _line("  probe", probe)
    for action in scenario.actions:
        yield f"at {action.at} {action.verb.value} {action.router} {action.argument}".rstrip()


def _line(head: str, part: Network | Weather | RouterPlan | ProbePlan) -> str:
    words = [head]
    for each in fields(part):
        value = getattr(part, each.name)
        if each.name in {"name", "probes", "weather"} or value == each.default or each.default is MISSING:
            continue
        words.append(f"{each.name}={_text(value)}")
    return " ".join(words)


def _text(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case tuple():
            return ",".join(map(str, value))
        case Enum():
            return str(value.value)
        case _:
            return str(value)


def _changed(part: Part, given: list[str]) -> Part:
    known = {each.name: each for each in fields(part)}
    values: dict[str, Any] = {}
    for word in given:
        name, _, text = word.partition("=")
        values[name] = _value(known[name].default, text)
    return replace(part, **values)


def _value(default: object, text: str) -> object:
    """Read as the type of the default."""
    match default:
        case bool():
            return {"yes": True, "no": False}[text]
        case int():
            return int(text)
        case float():
            return float(text)
        case tuple():
            return tuple(int(each) for each in text.split(","))
        case Kind():
            return Kind(text)
        case End():
            return End(text)
        case _:
            return text
