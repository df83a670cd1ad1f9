"""Who watches an account for all agents of this process? One monitor, whoever asks for it, and however often.

It starts and stops in a thread of its own, so that nobody waits for a disk or a broker, and tries again by itself
while another process is the account's writer. A forked child has none of its parent's.
"""

import contextlib
import os
import weakref
from threading import Event, Lock, RLock, Thread
from typing import Any

from supervisor import log
from supervisor.config import Settings
from supervisor.errors import SupervisorError
from supervisor.monitor.supervisor import Supervisor
from supervisor.optimus.source import Source
from supervisor.optimus.users import TROUBLE, Ear, User
from supervisor.optimus.wiring import AdapterBroker, Wiring, key_of, supervise
from supervisor.orders import Desk

RETRY = 15.0
"""Seconds until it is tried again to start, where another process watches the account."""
PATIENCE = 5.0
"""Seconds an order waits for a monitor that is starting."""


class Monitor:
    """One account's supervisor, for every engine of this process that is about it."""

    def __init__(self, source: Source, wiring: Wiring) -> None:
        self.wiring = wiring
        self.source = source
        self.users: weakref.WeakSet[Any] = weakref.WeakSet()
        self.supervisor: Supervisor | None = None
        self.doubt: str | None = None
        self._why: str | None = None
        self._up = False
        self._wanted = False
        self._ears: list[Ear] = []
        self._lock = RLock()
        self._serial = Lock()
        """One start or stop at a time."""
        self._settled = Event()
        """Set once it is known whether it could be started."""
        self._cut = Event()
        """Ends the wait for another try."""

    @property
    def inline(self) -> bool:
        """Whether nothing here has a thread: for frozen time."""
        return self.wiring.transport is not None

    @property
    def up(self) -> bool:
        """Whether the record was taken up and it watches."""
        return self._up

    @property
    def running(self) -> bool:
        """Whether it watches, or is about to: then nothing is known to stand in the way."""
        if not self._wanted or self._why is not None:
            return False
        supervisor = self.supervisor
        return not self._up or self.inline or (supervisor is not None and supervisor.running)

    @property
    def trouble(self) -> str | None:
        """None, or one sentence why nothing may open whatever the gate says."""
        if self._why is not None or self.doubt is not None:
            return self._why or self.doubt
        supervisor = self.supervisor
        if self._up and not self.inline and (supervisor is None or not supervisor.running):
            return "the monitor's thread has ended"
        return None

    # ---------------------------------------------------------------- watching

    def start(self) -> None:
        """Watches, from another thread; at once where nothing has a thread."""
        with self._lock:
            if self._wanted:
                return
            self._wanted = True
            self._begin(None)

    def point(self, source: Source, why: str) -> None:
        """Looks through that adapter from here on; what was read through the old one is unknown."""
        with self._lock:
            self.source = source
            if self._wanted:
                self._begin(why)

    def adopt(self, source: Source) -> None:
        """Takes the token from that adapter from here on, which is about the same account at the same place."""
        with self._lock:
            if source.facts() == self.source.facts():
                self.source = source
                return
        self.point(source, "another adapter is used")

    def leads_to(self, source: Source) -> bool:
        """Whether that adapter is about what is watched here; also where that is not known yet."""
        broker = None if self.supervisor is None else self.supervisor.broker
        return not isinstance(broker, AdapterBroker) or broker.leads_to(source)

    def glance(self) -> None:
        """Looks where the adapters of all who use it lead: whoever's leads elsewhere goes along with it."""
        for user in users_of(self):
            user.strayed()

    def tick(self) -> None:
        """Runs what is due now, in this thread: for frozen time."""
        if self.supervisor is not None and self._up:
            self.supervisor.tick()

    def stop(self) -> None:
        """Stops watching, promptly."""
        with self._lock:
            self._wanted = self._up = False
            self._cut.set()
            self._settled.set()
            supervisor = self.supervisor
        with self._serial:
            if supervisor is not None:
                supervisor.stop()

    def orphan(self) -> None:
        """In a forked child: its parent watches, and it must not touch what the parent uses."""
        self.supervisor, self._up, self._wanted = None, False, False
        self._why = f"this process was forked from process {os.getppid()}, which watches the account"
        self._lock, self._serial, self._cut, self._settled = RLock(), Lock(), Event(), Event()
        self._settled.set()
        for user in users_of(self):
            user.orphan()

    def _begin(self, why: str | None) -> None:
        """Makes a supervisor anew and brings it up; call it with the lock held. What can be said at once is."""
        old, self.supervisor = self.supervisor, None
        self._up = False
        self._cut.set()
        self._cut = cut = Event()
        self._settled.clear()
        settings: Settings | None
        settings, self.doubt = self.wiring.rules()
        try:
            self.source.checked()
        except Exception as error:  # noqa: BLE001 - the boundary to an agent that must go on: it is said, and nothing opens
            settings = None
            self._failed(_said(error))
        else:
            self._why = None
        if self.inline:
            self._bring_up(old, settings, why, cut)
        else:
            name = "supervisor-optimus"
            Thread(target=self._bring_up, args=(old, settings, why, cut), name=name, daemon=True).start()

    def _bring_up(self, old: Supervisor | None, settings: Settings | None, why: str | None, cut: Event) -> None:
        """Stops the old one, makes and starts the new; again after a while where it can't be started yet."""
        new: Supervisor | None = None
        with self._serial:
            if old is not None:
                old.stop()
            while settings is not None and not cut.is_set():
                try:
                    new = new or self._made(settings, cut)
                    if cut.is_set():
                        break
                    if why is not None:
                        new.unlearn(why=why, who="agent", inline=self.inline)
                    if not self.inline:
                        new.start()
                except Exception as error:  # noqa: BLE001 - as above; tried again
                    with self._lock:
                        if not cut.is_set():
                            self._failed(_said(error))
                            self._settled.set()
                    if self.inline:
                        return
                    cut.wait(RETRY)
                    continue
                break
            with self._lock:
                unwanted = cut.is_set()  # then another one is on its way up, or none is to be
                if not unwanted:
                    self._up = new is not None
                    self._why = None if new is not None else self._why
                    self._settled.set()
            if unwanted and new is not None:
                new.stop()
        if settings is None and not self.inline:
            self._await_source(cut)

    def _await_source(self, cut: Event) -> None:
        """Nothing could be asked with what the adapter says: whoever uses this comes again once it says more."""
        while not cut.wait(RETRY):
            with contextlib.suppress(Exception):  # it is said already what is missing
                self.source.checked()
                for user in users_of(self):
                    user.again()
                return

    def _made(self, settings: Settings, cut: Event) -> Supervisor:
        """A supervisor that all ears hear. Not started. ConfigError."""
        made = supervise(self.source, self.wiring, settings, self._token, self.glance)
        with self._lock:
            if not cut.is_set():
                self.supervisor = made
                for ear in self._ears:
                    ear.listen(made)
        return made

    def _token(self) -> str:
        return self.source.token()

    def _failed(self, why: str) -> None:
        """It could not be started: said once to whoever wants to hear of that."""
        told, self._why = self._why, why
        for ear in self._ears if why != told else ():
            if ear.kind == TROUBLE:
                ear.fn(why)

    # ---------------------------------------------------------------- for engines

    def hear(self, ear: Ear) -> None:
        """That callback hears the supervisor there is, and every later one."""
        with self._lock:
            self._ears.append(ear)
            if self.supervisor is not None:
                ear.listen(self.supervisor)
            if self._why is not None and ear.kind == TROUBLE:
                ear.fn(self._why)

    def deafen(self, owner: object | None = None) -> None:
        """That engine's callbacks hear nothing more, nor do those of engines that are gone."""
        with self._lock:
            gone = [ear for ear in self._ears if ear.owner() in (None, owner)]
            self._ears = [ear for ear in self._ears if ear not in gone]
        for ear in gone:
            ear.stop()

    def desk(self) -> Desk:
        """The order desk. SupervisorError, one sentence, where nothing can be sent."""
        if not self.inline:
            self._settled.wait(PATIENCE)
        supervisor = self.supervisor
        if supervisor is None or not self._up:
            raise SupervisorError(f"nothing is sent: {self._why or 'monitoring has not started'}")
        return supervisor.orders


def _said(error: Exception) -> str:
    """One sentence of it; a fault of ours is also logged."""
    if isinstance(error, SupervisorError):
        return str(error)
    log.error("optimus", trace=True)
    return f"a fault of ours stopped it ({type(error).__name__}): see the log"


class _Shared:
    """The monitors of this process, by account and place."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.monitors: dict[tuple[str, int], Monitor] = {}


_shared: _Shared = globals().get("_shared") or _Shared()
"""Kept when this module is loaded anew: there are never two monitors of one account."""


def users_of(monitor: Monitor) -> list[User]:
    """Who uses it just now."""
    with _shared.lock:
        return list(monitor.users)


def join(source: Source, wiring: Wiring, user: User) -> Monitor:
    """The monitor for that adapter's account, made where there is none; `user` is who asks. Never raises, starts nothing."""
    try:
        key = key_of(source, wiring)
    except SupervisorError:
        key = ("", id(user))  # it can't be started, and says why when it is tried
    with _shared.lock:
        for other in [k for k, monitor in _shared.monitors.items() if not monitor.users and k != key]:
            Thread(target=_shared.monitors.pop(other).stop, daemon=True).start()
        monitor = _shared.monitors.get(key)
        if monitor is None:
            monitor = _shared.monitors[key] = Monitor(source, wiring)
        known = user in monitor.users
        monitor.users.add(user)
    monitor.deafen()
    if not known and monitor.source.adapter is not source.adapter:
        monitor.adopt(source)
    return monitor


def rekey(monitor: Monitor, source: Source) -> None:
    """Whoever asks for what that adapter leads to gets this monitor, which has gone there; unless there is one already."""
    with contextlib.suppress(SupervisorError), _shared.lock:
        key = key_of(source, monitor.wiring)
        if key not in _shared.monitors:
            for old in [k for k, other in _shared.monitors.items() if other is monitor]:
                del _shared.monitors[old]
            _shared.monitors[key] = monitor


def leave(monitor: Monitor, user: User) -> None:
    """That user needs it no more; the last one's leaving stops it, else it goes by the adapter of one who stays."""
    with _shared.lock:
        monitor.users.discard(user)
        stays = next(iter(monitor.users), None)
        if stays is None:
            for key in [k for k, other in _shared.monitors.items() if other is monitor]:
                del _shared.monitors[key]
    monitor.deafen(user)
    if stays is None:
        monitor.stop()
    elif monitor.source.adapter is not stays.source.adapter and monitor.leads_to(stays.source):
        monitor.adopt(stays.source)


def _forked() -> None:
    """A child of a fork has no threads and must not use its parent's journal, locks or sockets."""
    orphans = list(_shared.monitors.values())
    _shared.__init__()  # type: ignore[misc]  # begun anew: its lock may have been held by a thread that is not here
    for monitor in orphans:
        monitor.orphan()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
