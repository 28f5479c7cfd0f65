"""The threads of a session."""

from __future__ import annotations

import contextlib
import signal
import threading
import traceback
from collections.abc import Callable, Iterator

from qaeval.runner.spool import Stopped


class Crew:
    """The threads of a session. The first error stops them all and is in ``error``."""

    def __init__(self) -> None:
        self.error: BaseException | None = None
        self._stop = threading.Event()
        self._changed = threading.Condition()
        self._working = self._reading = 0
        self._left = False  # whether nobody waits any more
        self._waking: list[Callable[[], None]] = []

    def start(self, work: Callable[[], None], reads: bool = False) -> None:
        """Runs ``work`` in a thread of its own. One that only ``reads`` is not waited for after a stop."""

        def guarded() -> None:
            try:
                work()
            except Stopped:
                pass
            except BaseException as error:  # noqa: BLE001 - raised again in the thread of the user
                self.stop(error)
            finally:
                self._count(-1, reads)

        self._count(1, reads)
        try:
            threading.Thread(target=guarded, daemon=True).start()
        except BaseException:  # the system has no more threads
            self._count(-1, reads)
            raise

    def _count(self, change: int, reads: bool) -> None:
        with self._changed:
            if reads:
                self._reading += change
            else:
                self._working += change
            self._changed.notify_all()

    def stop(self, error: BaseException | None = None) -> None:
        """Lets every thread end after the request it has in flight."""
        with self._changed:
            late = self._left and error
            self.error = self.error or error
            self._stop.set()
            self._changed.notify_all()
            waking, self._waking = self._waking, []
        for wake in waking:
            wake()
        if late:
            traceback.print_exception(late)

    def on_stop(self, wake: Callable[[], None]) -> None:
        """``wake()`` is called when the session stops; at once when it has."""
        with self._changed:
            if not self.stopped:
                self._waking.append(wake)
                return
        wake()

    @property
    def stopped(self) -> bool:
        """Whether no new request may be made."""
        return self._stop.is_set()

    def wait(self) -> None:
        """Returns when all is done; an interrupt is heard at once.

        The first interrupt lets the requests in flight come home, the second one leaves them.
        """
        try:
            self._wait()
        except KeyboardInterrupt as interrupt:
            self.stop(interrupt)
            print("\nInterrupted: waiting for the requests in flight (interrupt again to leave them).")
            self._wait()

    def _wait(self) -> None:
        with self._changed:
            while self._working or (self._reading and not self.stopped):
                self._changed.wait(0.2)  # without a timeout, Windows hears no interrupt

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        """Keeps what is raised within, interrupts too, as the session's error, and stops the threads at the end."""
        try:
            yield
        except BaseException as error:  # noqa: BLE001 - raised when the session has been put in order
            self.stop(error)
        self.stop()

    def leave(self) -> None:
        """Says that nobody waits any more: an error of a thread that comes home later is printed."""
        with self._changed:
            self._left = True


@contextlib.contextmanager
def terminable() -> Iterator[None]:
    """SIGTERM is heard like an interrupt, where nobody else hears it: so the requests in flight come home."""
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
