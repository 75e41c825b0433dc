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
_BUSY_SECONDS = 0.2
# What waits in memory while the disk takes nothing.
_MEMORY_CHARACTERS = 16 * 1024 * 1024

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
        if not size or size < 1:
            raise ValueError("[bus] jetbus_spool_size should be a number of MiB, not %r" % size)
        self.directory = directory
        self._path = os.path.join(directory, 'spool.db')
        self._pages = size * 1024 * 1024 // _PAGE_BYTES
        os.register_at_fork(
            before=self._before_fork, after_in_parent=lambda: self._lock.release(),
            after_in_child=self.begin)
        self.begin()

    def begin(self):
        """Begins anew, in a process that has nothing of the spool's but what it was forked with."""
        self._lock = threading.Lock()
        self._connection = None
        self._memory = collections.deque()
        self._characters = 0
        # Whether the disk has taken what came last: if not, the sender alone tries it again.
        self._is_stored = True
        # Whether the disk held a message when it could be read last.
        self._is_held = False
        # The last message that is on the bus: those before it are, too.
        self._sent = 0
        self._troubles = {}

    def _before_fork(self):
        # SQLite must not be carried over a fork: the child would take the parent's locks for its own.
        self._lock.acquire()
        self._close()

    def put(self, messages):
        """Keeps messages, behind those that are kept already."""
        with self._lock:
            for message in messages:
                self._memory.append(message)
                self._characters += len(message.body)
            if self._is_stored:
                self._store()
            while self._characters > _MEMORY_CHARACTERS:
                lost = self._memory.pop()
                self._characters -= len(lost.body)
                logger.error("lost a message to database %s: %s", lost.database, lost.body)

    def first(self):
        """The oldest message, or None. While the disk that holds some cannot be read, none is the oldest."""
        with self._lock:
            if self._memory:
                self._store()
            if self._connection is not None or os.path.exists(self._path):
                is_read, row = self._on_disk('read', self._select)
                if is_read:
                    self._is_held = row is not None
                if row is not None:
                    return Message(*row)
                if self._is_held:
                    return None
            return self._memory[0] if self._memory else None

    def drop(self, message):
        """Forgets the oldest message."""
        with self._lock:
            if message.id is None and self._memory and self._memory[0] is message:
                self._memory.popleft()
                self._characters -= len(message.body)
                return
            self._sent = max(self._sent, message.id or 0)
            self._on_disk('cleared', self._delete, message)

    def close(self):
        """Lets go of the database until it is needed again."""
        with self._lock:
            self._close()

    def _close(self):
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _store(self):
        self._is_stored, _ = self._on_disk('written', self._insert)
        if self._is_stored:
            self._is_held = True
            self._memory.clear()
            self._characters = 0

    def _on_disk(self, deed, action, *arguments):
        """Whether an action could be done, and what it answers."""
        try:
            if self._connection is None:
                self._connection = self._open()
            answer = action(self._connection, *arguments)
        except (sqlite3.Error, OSError) as error:
            self._close()
            if self._troubles.get(deed) != str(error):
                self._troubles[deed] = str(error)
                logger.error("the spool %s cannot be %s: %s", self._path, deed, error)
            return False, None
        self._troubles.pop(deed, None)
        return True, answer

    def _open(self):
        os.makedirs(self.directory, mode=0o700, exist_ok=True)
        connection = sqlite3.connect(
            self._path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            connection.execute('PRAGMA journal_mode = WAL')
            connection.execute('PRAGMA synchronous = NORMAL')
            connection.execute('PRAGMA max_page_count = %d' % self._pages)
            connection.execute(_SCHEMA)
            (last,) = connection.execute('SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence').fetchone()
        except sqlite3.Error:
            connection.close()
            raise
        if last < self._sent:
            # Somebody removed the database: this one counts anew.
            self._sent = 0
        return connection

    def _insert(self, connection):
        connection.execute('BEGIN IMMEDIATE')
        # A commit may have taken effect though it failed: what it brought is there already.
        connection.executemany(
            'INSERT OR IGNORE INTO message (database, body, key) VALUES (?, ?, ?)',
            [(each.database, each.body, each.key) for each in self._memory])
        connection.execute('COMMIT')

    def _select(self, connection):
        return connection.execute(
            'SELECT database, body, key, id FROM message WHERE id > ? ORDER BY id LIMIT 1',
            (self._sent,)).fetchone()

    def _delete(self, connection, message):
        connection.execute(
            'DELETE FROM message WHERE id <= ? OR key = ?', (self._sent, message.key))
