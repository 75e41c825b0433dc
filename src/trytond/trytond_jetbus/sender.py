"""The thread that brings to the bus what the spool holds."""
import errno
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
_TURN_SECONDS = 0.02
_UNWRITABLE = {
    errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT}


class Sender:
    """One thread in each process. They take turns by a lock, so that a machine's messages keep the order of its spool."""

    def __init__(self, spool, node):
        self._spool = spool
        self._node = node
        self._awake = threading.Event()
        self._process = None

    def start(self):
        """Begins in this process, which may be a new one."""
        self._process = os.getpid()
        self._awake = threading.Event()
        self._outage = None
        self._reason = None
        self._node.forget()
        self._spool.begin()
        threading.Thread(target=self._run, name='jetbus', daemon=True).start()

    def hand_over(self, messages):
        """Takes what was committed; it is sent from another thread."""
        if self._process != os.getpid():
            self.start()
        self._spool.put(messages)
        self._awake.set()

    def _run(self):
        while True:
            self._awake.wait(_jittered(_IDLE_SECONDS))
            self._awake.clear()
            try:
                self._send_all()
            except Exception:
                logger.exception("a defect of the plug-in, or of the directory of its spool: it goes on")

    def _send_all(self):
        if self._spool.first() is None:
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
        except OSError as error:
            if error.errno not in _UNWRITABLE:
                raise
            # A directory that this process cannot write to holds nothing of its own.
            yield
            return
        with lock:
            pause = _TURN_SECONDS
            while not _is_locked(lock):
                time.sleep(_jittered(pause))
                pause = min(2 * pause, 1)
            yield


def _is_locked(lock):
    """Takes a lock without waiting: a thread that is one by name only (gevent's) would stop all others."""
    try:
        fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except (BlockingIOError, PermissionError):
        return False


def _jittered(seconds):
    return seconds * random.uniform(0.5, 1)
