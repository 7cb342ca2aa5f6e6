import asyncio

from vrrpd.probes.steps import STEPS_LIMIT, Trace, step


async def test_only_who_watches_gets_steps() -> None:
    """In the context of the check and what it starts, and nowhere else."""
    trace = Trace()

    async def check() -> None:
        step("one")
        await asyncio.gather(part())

    async def part() -> None:
        step("two")

    await asyncio.get_running_loop().create_task(check(), context=trace.context())
    step("nobody's")
    await check()
    assert [each.text for each in trace.steps] == ["one", "two"]
    assert trace.steps[0].at <= trace.steps[1].at


async def test_bounded() -> None:
    trace = Trace()

    async def check() -> None:
        for number in range(STEPS_LIMIT + 5):
            step(str(number))

    await asyncio.get_running_loop().create_task(check(), context=trace.context())
    assert len(trace.steps) == STEPS_LIMIT
