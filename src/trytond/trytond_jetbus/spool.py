"""What has been committed and is not on the bus yet: on disk, in order, one SQLite database for a machine's processes."""
import collections
import logging
import os
import sqlite3
import threading

from .outbox import Message

logger = logging.getLogger(__name__)

_PAGE_BYTES = 4096
# Another process commits in a millisecond; nobody's request should wait for one that hangs.
_BUSY_SECONDS = 1
# How many messages wait in memory while the disk takes none.
_MEMORY = 1000

_SCHEMA = """
    CREATE TABLE IF NOT EXISTS message (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        database TEXT NOT NULL,
        body TEXT NOT NULL,
        key TEXT NOT NULL UNIQUE)
    """


class Spool:
    """The messages in a directory, at most `size` MiB of them.

    While the disk takes no message, it waits in memory: an error of the disk is logged, and raised to nobody.
    """

    def __init__(self, directory, size):
        self.directory = directory
        self._path = os.path.join(directory, 'spool.db')
        self._pages = size * 1024 * 1024 // _PAGE_BYTES
        self._memory = collections.deque()
        self._sent = []
        self._trouble = None
        self._connection = None
        self._inherited = []
        self._lock = threading.Lock()
        # SQLite is not to be carried over a fork, nor to be forked while a thread is inside it.
        os.register_at_fork(
            before=lambda: self._lock.acquire(),
            after_in_parent=lambda: self._lock.release(),
            after_in_child=self._forget_parent)

    def _forget_parent(self):
        self._lock = threading.Lock()
        self._memory.clear()
        self._sent.clear()
        # To close it would touch the files of the parent.
        self._inherited.append(self._connection)
        self._connection = None

    def put(self, messages):
        """Keeps messages, behind those that are kept already."""
        with self._lock:
            self._memory.extend(messages)
            self._on_disk(self._store)
            while len(self._memory) > _MEMORY:
                lost = self._memory.pop()
                logger.error("lost a message to database %s: %s", lost.database, lost.body)

    def first(self):
        """The oldest message, or None."""
        with self._lock:
            if self._memory:
                self._on_disk(self._store)
            if self._connection is not None or os.path.exists(self._path):
                row = self._on_disk(self._oldest)
                if row is not None:
                    return Message(*row)
            return self._memory[0] if self._memory else None

    def drop(self, message):
        """Forgets the oldest message."""
        with self._lock:
            if self._memory and self._memory[0] is message:
                self._memory.popleft()
            else:
                self._sent.append(message.key)
                self._on_disk(self._clear)

    def _on_disk(self, action):
        """What an action answers, or None when the disk failed."""
        try:
            if self._connection is None:
                self._connection = self._open()
            answer = action(self._connection)
        except (sqlite3.Error, OSError) as error:
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()
            if str(error) != self._trouble:
                self._trouble = str(error)
                logger.error("%s takes no messages, so they wait in memory: %s", self._path, error)
            return None
        self._trouble = None
        return answer

    def _open(self):
        os.makedirs(self.directory, mode=0o700, exist_ok=True)
        connection = sqlite3.connect(
            self._path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        connection.execute('PRAGMA journal_mode = WAL')
        connection.execute('PRAGMA synchronous = NORMAL')
        connection.execute('PRAGMA max_page_count = %d' % self._pages)
        connection.execute(_SCHEMA)
        return connection

    def _store(self, connection):
        """Moves to the disk what waits in memory."""
        connection.execute('BEGIN IMMEDIATE')
        connection.executemany(
            'INSERT INTO message (database, body, key) VALUES (?, ?, ?)',
            [(each.database, each.body, each.key) for each in self._memory])
        connection.execute('COMMIT')
        self._memory.clear()

    def _clear(self, connection):
        """Removes what was sent."""
        while self._sent:
            connection.execute('DELETE FROM message WHERE key = ?', (self._sent[-1],))
            self._sent.pop()

    def _oldest(self, connection):
        self._clear(connection)
        return connection.execute(
            'SELECT database, body, key FROM message ORDER BY id LIMIT 1').fetchone()
