"""Planted defects: one replacement in one file each, such as a tired mind might make."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """`old` stands in the file exactly once."""

    name: str
    path: str
    old: str
    new: str


ROUTER = "vrrpd/protocol/router.py"
PACKET = "vrrpd/protocol/packet.py"
ENGINE = "vrrpd/engine/engine.py"
CLAIMS = "vrrpd/engine/claims.py"
INSTANCE = "vrrpd/engine/instance.py"
LEASE = "vrrpd/engine/lease.py"
DIFFERENCE = "vrrpd/linux/difference.py"
MEMORY = "vrrpd/daemon/memory.py"
RECOLLECTION = "vrrpd/engine/recollection.py"

MUTANTS = (
    # --- protocol ---------------------------------------------------------------------------------------------------
    Mutant("skew of the wrong end", ROUTER, "(256 - own.priority) / 256", "own.priority / 256"),
    Mutant(
        "Master_Down_Interval without skew",
        ROUTER,
        "own.down_adverts * master_interval + skew_time(own, master_interval)",
        "own.down_adverts * master_interval",
    ),
    Mutant(
        "a lower priority restarts Master_Down_Timer",
        ROUTER,
        "refused = replace(state, master=peer,",
        "refused = replace(state, heard_at=now, master=peer,",
    ),
    Mutant(
        "new parameters restart Master_Down_Timer",
        ROUTER,
        "state = replace(state, master_interval=",
        "state = replace(state, heard_at=now, master_interval=",
    ),
    Mutant(
        "a resignation is not heard",
        ROUTER,
        "return replace(state, hurry_at=now, lower_since=None, lower_at=None), ()",
        "return state, ()",
    ),
    Mutant(
        "equal priority: the lower address wins",
        ROUTER,
        "== own.priority and higher:",
        "== own.priority and not higher:",
    ),
    Mutant("equal priority: nobody yields", ROUTER, "== own.priority and higher:", "== own.priority and False:"),
    Mutant(
        "assertions without limit",
        ROUTER,
        "if state.asserted_at is not None and now - state.asserted_at < pause:",
        "if state.asserted_at is not None and now < state.asserted_at:",
    ),
    Mutant(
        "a stop does not resign",
        ROUTER,
        "(SendAdvertisement(PRIORITY_RESIGN), HoldAddresses(False), leaving)",
        "(HoldAddresses(False), leaving)",
    ),
    Mutant(
        "a stop keeps the addresses",
        ROUTER,
        "(SendAdvertisement(PRIORITY_RESIGN), HoldAddresses(False), leaving)",
        "(SendAdvertisement(PRIORITY_RESIGN), leaving)",
    ),
    Mutant(
        "who yields keeps the addresses",
        ROUTER,
        "(last, HoldAddresses(False), Transitioned(reason, peer))",
        "(last, Transitioned(reason, peer))",
    ),
    Mutant(
        "a handover keeps preempting",
        ENGINE,
        "        router.yielding = yielding\n",
        "        router.yielding = False\n",
    ),
    Mutant(
        "a demotion waits for its turn",
        ROUTER,
        "return replace(state, advertised_at=now), (SendAdvertisement(own.priority), *moved)",
        "return state, moved",
    ),
    Mutant("nopreempt is not heard of", ROUTER, "return own.preempt and peer.priority", "return peer.priority"),
    Mutant("an equal priority preempts", ROUTER, "peer.priority < own.priority\n", "peer.priority <= own.priority\n"),
    Mutant(
        "v3 does not learn the Master's interval",
        ROUTER,
        "return advertisement.interval if own.version is Version.V3",
        "return own.advertisement_interval if own.version is Version.V3",
    ),
    Mutant(
        "a Master that slept goes on",
        ROUTER,
        "if now - state.advertised_at > master_down_interval(own, own.advertisement_interval):",
        "if now - state.advertised_at > 1000 * master_down_interval(own, own.advertisement_interval):",
    ),
    Mutant("any TTL will do", PACKET, "elif hop_limit != HOP_LIMIT:", "elif hop_limit > HOP_LIMIT:"),
    Mutant("any checksum will do", PACKET, "if ones_complement_sum(covered) != 0xFFFF:", "if not covered:"),
    Mutant("v2 takes any interval", PACKET, "if interval != own.advertisement_interval:", "if not interval:"),
    Mutant(
        "a password is compared octet by octet",
        PACKET,
        "if not hmac.compare_digest(payload[-_AUTH_OCTETS:], own.authentication.data):",
        "if payload[-_AUTH_OCTETS:] != own.authentication.data:",
    ),
    # --- engine -----------------------------------------------------------------------------------------------------
    Mutant(
        "a peer that is configured otherwise is not told",
        "vrrpd/engine/conduct.py",
        "        self._compare(router, advertisement, peer.address, now)\n",
        "",
    ),
    Mutant(
        "what is due sooner is not listed",
        "vrrpd/engine/agenda.py",
        "(router.listed is None or due < router.listed)",
        "router.listed is None",
    ),
    Mutant(
        "who had a turn is forgotten",
        ENGINE,
        "self._agenda.note(router)  # in any case: it is not listed any more",
        "pass",
    ),
    Mutant(
        "a drained host takes part",
        "vrrpd/engine/drain.py",
        "for name in (HOST, instance) if name in self._known",
        "for name in (instance,) if name in self._known",
    ),
    Mutant(
        "one success too few",
        "vrrpd/engine/verdict.py",
        "return self._at(self.level + 1 if self.level < self.rise - 1 else self._full)",
        "return self._at(self._full)",
    ),
    Mutant(
        "one failure is enough",
        "vrrpd/engine/verdict.py",
        "return self._at(self.level - 1 if self.level > self.rise else 0)",
        "return self._at(0)",
    ),
    Mutant(
        "a negative weight adds",
        "vrrpd/engine/tracking.py",
        "return max(weight, 0) if up else min(weight, 0)",
        "return max(weight, 0) if up else -min(weight, 0)",
    ),
    Mutant(
        "the guard asks the living",
        CLAIMS,
        "return state.hurry_at is None and at - heard_at >=",
        "return state.hurry_at is None and at >=",
    ),
    Mutant(
        "who has just asked asks anew",
        CLAIMS,
        "self.asked_at >= due - ahead(config)",
        "self.asked_at >= due",
    ),
    Mutant(
        "well again, it still leaves others alone",
        INSTANCE,
        "bool(self.serving(standings)) or",
        "bool(self.degraded) or",
    ),
    Mutant(
        "a group takes part with its best priority",
        "vrrpd/engine/sync.py",
        "least = min(own,",
        "least = max(own,",
    ),
    Mutant(
        "one of a group falls alone",
        "vrrpd/engine/together.py",
        "        if not fallen or isinstance(router.state, Master):\n",
        "        if fallen or isinstance(router.state, Master):\n",
    ),
    Mutant(
        "who yields says so with its own interval",
        "vrrpd/engine/conduct.py",
        "said = own if interval is None else replace(own, advertisement_interval=interval)",
        "said = own",
    ),
    Mutant(
        "a reload without a limit leaves it damped",
        "vrrpd/engine/damping.py",
        "(config.flap_limit and now < self.until)",
        "now < self.until",
    ),
    Mutant("who could not send renews", "vrrpd/engine/conduct.py", "        if any(left):\n", "        if left:\n"),
    Mutant(
        "one of hundreds is moved per tick", ENGINE, "self._agenda.take(now, TICK_LIMIT)", "self._agenda.take(now, 1)"
    ),
    # --- leases and addresses ---------------------------------------------------------------------------------------
    Mutant(
        "a lease never lapses",
        LEASE,
        "return instance.lease is not None and now >= self.end(instance.lease)",
        "return instance.lease is not None and now < self.granted_at",
    ),
    Mutant(
        "leases are not renewed",
        LEASE,
        "self.granted_at - self.told_of >= RENEW_PAUSE",
        "self.told_of < -RENEW_PAUSE",
    ),
    Mutant(
        "a longer lease waits for its turn",
        LEASE,
        "            self._leases[instance.name].told_of = NEVER",
        "            pass",
    ),
    Mutant(
        "told late of one, the kernel is not told of the next",
        LEASE,
        "self._leases[name].told_of = self._leases[name].granted_at",
        "self._leases[name].told_of = now",
    ),
    Mutant("a lease cut short waits for its turn", LEASE, "        if given < lease:\n", "        if given > lease:\n"),
    Mutant(
        "what is put back leaves the others as they were",
        LEASE,
        "            self._due[name] = None\n        return given",
        "            pass\n        return given",
    ),
    Mutant("a lease twice as long", LEASE, "given = max(1, ", "given = 2 * max(1, "),
    Mutant("leases end when they like", LEASE, "each.name in due or self._is_apart(each, now)", "each.name in due"),
    Mutant(
        "what was given up is remembered",
        LEASE,
        "            book.pop(name, None)\n",
        "            book.get(name)\n",
    ),
    Mutant(
        "a leftover without our mark stays", DIFFERENCE, "(place in self.names and place not in self.owned)", "False"
    ),
    Mutant(
        "an address without our mark will do",
        DIFFERENCE,
        "any(each.marked and each.leased is leased",
        "any(each.leased is leased",
    ),
    Mutant(
        "what is due comes before what came while it stood still",
        "vrrpd/daemon/loop.py",
        "found if found or timeout == 0 else super().select(0)",
        "found",
    ),
    Mutant(
        "after a standstill what came is not read",
        "vrrpd/daemon/timer.py",
        "            self._catch_up()\n",
        "            pass\n",
    ),
    Mutant(
        "nobody looks when a lease is over",
        "vrrpd/linux/addresses.py",
        "due = min(self._pace.due, self._leases.end(now))",
        "due = self._pace.due",
    ),
    Mutant(
        "a look brings back what has gone meanwhile",
        "vrrpd/linux/changes.py",
        "        self._let_go(self._meanwhile)\n",
        "        pass\n",
    ),
    # --- the state file ---------------------------------------------------------------------------------------------
    Mutant(
        "another boot is this one", MEMORY, 'if document["boot_id"] != self._boot_id:', 'if document["boot_id"] == "":'
    ),
    Mutant(
        "a resignation is remembered as a word of the Master", RECOLLECTION, " if priority != PRIORITY_RESIGN:", ":"
    ),
    Mutant("an earlier text replaces a later one", MEMORY, "if number > self._stored:", "if number:"),
    Mutant("a stop leaves the file", MEMORY, "self._path.unlink(missing_ok=True)", "self._path.exists()"),
)
