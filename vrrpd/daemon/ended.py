"""How a run of an operator's program ended, as the journal tells it: remedies and `notify_*`."""

from vrrpd.engine.inputs import Outcome, Result
from vrrpd.prober import MAX_OUTPUT, one_line
from vrrpd.probes.program import CannotRunError, Run, first_line, last_line
from vrrpd.protocol.messages import Seconds


def result(run: Run, took: Seconds, timeout: Seconds, *, first: bool = False) -> Result:
    """Not done: its time is over. `first`: it says first why it failed, not last."""
    if not run.task.done():
        detail = f"not over after {timeout:g} s, killed"
        return Result(Outcome.TIMEOUT, took, detail, output=run.output[-MAX_OUTPUT:])
    match run.task.exception():
        case None:
            ended = run.task.result()
            said = first_line(ended.output) if first else last_line(ended.output)
            well = ended.status == 0 and not ended.flooded
            detail = one_line(f"{ended.told}: {said}" if said else ended.told)
            return Result(Outcome.OK if well else Outcome.FAIL, took, detail, output=ended.output[-MAX_OUTPUT:])
        case CannotRunError() as error:
            return Result(Outcome.UNKNOWN, took, one_line(str(error)))
        case error:
            return Result(Outcome.ERROR, took, one_line(f"{type(error).__name__}: {error}"))
