"""`promote_secondaries`: the kernel keeps the other addresses of a subnet when the first one is removed (ip-sysctl).

Set by netlink, which asks for CAP_NET_ADMIN only, on the interfaces of the instances that want it, and put back when
none does. What a daemon that was killed had set stays set: nobody knows any more how it was.
"""

from collections.abc import Iterable, Mapping

from vrrpd.config.model import Instance
from vrrpd.linux import macvlan
from vrrpd.linux.kernel import Kernel
from vrrpd.linux.macvlan import PROMOTE_SECONDARIES, Device


class Promotion:
    """`want` takes a note; `make` and `clear` do it."""

    def __init__(self, kernel: Kernel) -> None:
        """Nothing is wanted yet."""
        self._kernel = kernel
        self._ours: dict[str, int] = {}
        self.wanted: frozenset[str] = frozenset()

    def want(self, instances: Iterable[Instance]) -> bool:
        """The instances in force. True: there is something to do."""
        before = self.wanted
        self.wanted = frozenset(each.interface for each in instances if each.promote_secondaries)
        return before != self.wanted

    async def make(self, devices: Mapping[str, Device]) -> None:
        """Set it where it is not. Raises OSError if the kernel gives no answer."""
        todo = [devices[name] for name in sorted(self.wanted) if name in devices and _is(devices[name], 0)]
        if not todo:
            return
        numbers = await self._kernel.ask([macvlan.set_conf(each.name, {PROMOTE_SECONDARIES: 1}) for each in todo])
        self._ours |= {each.name: each.index for each, number in zip(todo, numbers, strict=True) if not number}

    @property
    def unwanted(self) -> bool:
        """Something that we have set is to be put back."""
        return not self._ours.keys() <= self.wanted

    async def clear(self, devices: Mapping[str, Device]) -> None:
        """Put back what nobody wants, where the interface is still the same. Raises OSError as `make`."""
        gone = [name for name in self._ours if name not in self.wanted]
        same = [name for name in gone if name in devices and devices[name].index == self._ours[name]]
        if same:
            await self._kernel.ask([macvlan.set_conf(name, {PROMOTE_SECONDARIES: 0}) for name in same])
        for name in gone:
            del self._ours[name]


def _is(device: Device, value: int) -> bool:
    return device.conf.get(PROMOTE_SECONDARIES) == value
