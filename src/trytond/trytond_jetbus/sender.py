"""The thread that brings to the bus what the spool holds."""
import fcntl
import logging
import os
import random
import threading
import time
from contextlib import contextmanager

from .node import Refused, Unavailable

logger = logging.getLogger(__name__)

# How often a process looks for what others have left: one that was killed, or a script that has ended.
_IDLE_SECONDS = 5
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 5


class Sender:
    """One thread in each process. They take turns by a lock, so that a machine's messages keep the order of its spool."""

    def __init__(self, spool, node):
        self._spool = spool
        self._node = node
        self._awake = threading.Event()
        self._outage = None
        self._reason = None
        os.register_at_fork(after_in_child=self._begin_anew)

    def start(self):
        threading.Thread(target=self._run, name='jetbus', daemon=True).start()

    def _begin_anew(self):
        self._awake = threading.Event()
        self._node.forget()
        self._outage = self._reason = None
        self.start()

    def hand_over(self, messages):
        """Takes what was committed; it is sent from another thread."""
        self._spool.put(messages)
        self._awake.set()

    def _run(self):
        while True:
            self._awake.wait(_jittered(_IDLE_SECONDS))
            self._awake.clear()
            try:
                self._send_all()
            except Exception:
                logger.exception("a defect of the plug-in: it goes on")

    def _send_all(self):
        message = self._spool.first()
        if message is None:
            return
        with self._turn():
            pause = _FIRST_PAUSE_SECONDS
            while True:
                message = self._spool.first()
                if message is None:
                    return
                if self._send(message):
                    pause = _FIRST_PAUSE_SECONDS
                else:
                    time.sleep(_jittered(pause))
                    pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    def _send(self, message):
        """Brings one message to the bus; whether it is done with."""
        try:
            self._node.publish(message)
        except Unavailable as error:
            if self._outage is None:
                self._outage = time.monotonic()
            if str(error) != self._reason:
                self._reason = str(error)
                logger.error(
                    "Jetbus at %s takes no messages, so they wait in %s: %s",
                    self._node.url, self._spool.directory, error)
            return False
        except Refused as error:
            logger.error(
                "Jetbus refuses a message to database %s for good: %s: %s",
                message.database, error, message.body)
        if self._outage is not None:
            logger.warning(
                "Jetbus at %s takes messages again, after %.0f seconds",
                self._node.url, time.monotonic() - self._outage)
            self._outage = self._reason = None
        self._spool.drop(message)
        return True

    @contextmanager
    def _turn(self):
        """Waits for the machine's other senders, and they for this one."""
        try:
            lock = open(os.path.join(self._spool.directory, 'turn.lock'), 'w')
        except OSError:
            # A directory that nobody can write to holds nothing that others could send.
            yield
            return
        with lock:
            fcntl.lockf(lock, fcntl.LOCK_EX)
            yield


def _jittered(seconds):
    return seconds * random.uniform(0.5, 1)
