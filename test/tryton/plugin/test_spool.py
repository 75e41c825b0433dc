"""The plug-in's spool: what goes in comes out once and in order, whatever the disk does."""
import contextlib
import errno
import os
import select
import signal
import sqlite3
import tempfile
import unittest
from unittest import mock

from disk import mount_for
from trytond_jetbus.outbox import Message
from trytond_jetbus.spool import Spool

_MIB = 1024 * 1024
_SECONDS = 30


def _message(text):
    return Message('shop', text)


def _sent(spool, count=None):
    """What a sender would send, and drop."""
    bodies = []
    while count is None or len(bodies) < count:
        message = spool.first()
        if message is None:
            break
        bodies.append(message.body)
        spool.drop(message)
    return bodies


class SpoolTest(unittest.TestCase):
    maxDiff = 300

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='jetbus-spool-')
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def test_what_was_put_is_there_for_the_next_process(self):
        Spool(self.folder, 16).put([_message('1'), _message('2')])
        spool = Spool(self.folder, 16)
        spool.put([_message('3')])
        self.assertEqual(_sent(spool), ['1', '2', '3'])
        self.assertIsNone(Spool(self.folder, 16).first())

    def test_a_message_keeps_its_key_until_it_is_dropped(self):
        put = _message('1')
        Spool(self.folder, 16).put([put])
        for _ in range(2):
            self.assertEqual(Spool(self.folder, 16).first().key, put.key)

    def test_all_texts_come_back_as_they_were(self):
        bodies = ['', '"\'\\\n', 'Größe 世界 🚚', 'x' * _MIB]
        spool = Spool(self.folder, 16)
        spool.put([_message(body) for body in bodies])
        self.assertEqual(_sent(spool), bodies)

    def test_a_full_spool_keeps_the_order(self):
        spool = Spool(self.folder, 1)
        bodies = ['%04d' % n + 'x' * 100000 for n in range(15)]
        with self.assertLogs('trytond_jetbus', 'ERROR') as logs:
            for body in bodies:
                spool.put([_message(body)])
        self.assertIn('spool.db cannot be written: ', logs.output[0])
        self.assertEqual(_sent(spool, 3), bodies[:3])
        spool.put([_message('last')])
        self.assertEqual(_sent(spool), bodies[3:] + ['last'])
        self.assertIsNone(Spool(self.folder, 1).first())

    def test_another_process_that_holds_the_spool_changes_no_order(self):
        spool = Spool(self.folder, 16)
        spool.put([_message('1')])
        with self._held(), self.assertLogs('trytond_jetbus', 'ERROR'):
            spool.put([_message('2')])
            first = spool.first()
        self.assertIn(first.body if first else None, [None, '1'])
        self.assertEqual(_sent(spool), ['1', '2'])

    def test_without_a_disk_messages_wait_in_memory_until_the_sender_finds_one(self):
        folder = os.path.join(self._no_folder(), 'below')
        spool = Spool(folder, 16)
        with self.assertLogs('trytond_jetbus', 'ERROR') as logs:
            for n in range(3):
                spool.put([_message(str(n))])
            self.assertEqual(_sent(spool, 1), ['0'])
        self.assertEqual(len(logs.output), 1)
        os.unlink(os.path.dirname(folder))
        spool.put([_message('3')])
        self.assertIsNone(Spool(folder, 16).first())
        self.assertEqual(spool.first().body, '1')
        self.assertEqual(_sent(Spool(folder, 16)), ['1', '2', '3'])

    def test_memory_has_an_end_and_what_is_lost_is_logged(self):
        spool = Spool(os.path.join(self._no_folder(), 'below'), 16)
        with mock.patch('trytond_jetbus.spool._MEMORY_CHARACTERS', 1000), \
                self.assertLogs('trytond_jetbus', 'ERROR') as logs:
            spool.put([_message('%03d' % n + 'x' * 97) for n in range(11)])
            spool.put([_message('011' + 'x' * 97)])
            self.assertEqual([body[:3] for body in _sent(spool, 1)], ['000'])
            spool.put([_message('012' + 'x' * 97)])
            spool.put([_message('013' + 'x' * 97)])
        lost = [line[:-97].rsplit(' ', 1)[-1] for line in logs.output if 'lost a message' in line]
        self.assertEqual(lost, ['010', '011', '013'])
        self.assertEqual(
            [body[:3] for body in _sent(spool)], ['%03d' % n for n in range(1, 10)] + ['012'])

    def test_what_was_committed_though_that_failed_comes_once(self):
        spool = Spool(self.folder, 16)
        message = _message('1')
        spool.put([message])
        spool.put([message, _message('2')])
        self.assertEqual(_sent(spool), ['1', '2'])

    def test_a_size_is_a_number_of_mib(self):
        for size in [0, -1, None]:
            with self.assertRaisesRegex(ValueError, 'jetbus_spool_size should be a number of MiB'):
                Spool(self.folder, size)

    def test_a_message_that_cannot_be_cleared_is_not_sent_again(self):
        spool = Spool(self.folder, 16)
        spool.put([_message('1'), _message('2'), _message('3')])
        with self._held(), self.assertLogs('trytond_jetbus', 'ERROR') as logs:
            self.assertEqual(_sent(spool, 2), ['1', '2'])
            spool.put([_message('4')])
            self.assertEqual(_sent(spool, 1), ['3'])
        self.assertIn('spool.db cannot be cleared: ', logs.output[0])
        spool.put([_message('5')])
        self.assertEqual(_sent(spool), ['4', '5'])
        self.assertIsNone(Spool(self.folder, 16).first())

    def test_a_spool_that_was_removed_begins_anew(self):
        spool = Spool(self.folder, 16)
        spool.put([_message('1'), _message('2')])
        self.assertEqual(_sent(spool), ['1', '2'])
        spool.close()
        for entry in os.scandir(self.folder):
            os.unlink(entry)
        spool.put([_message('3'), _message('4')])
        self.assertEqual(_sent(spool), ['3', '4'])

    def test_a_disk_that_is_full_keeps_the_order(self):
        mount_for(self, self.folder, 'size=1m')
        spool = Spool(self.folder, 16)
        self.addCleanup(spool.close)
        spool.put([_message('1'), _message('2'), _message('3')])
        filler = os.path.join(self.folder, 'filler')
        with self.assertLogs('trytond_jetbus', 'ERROR') as logs:
            self._fill(filler)
            for n in range(4, 8):
                spool.put([_message('%d' % n + 'x' * 9999)])
            sent = _sent(spool, 2)
            spool.put([_message('8')])
            sent += _sent(spool, 2)
        self.assertIn('spool.db cannot be written: ', logs.output[0])
        os.unlink(filler)
        spool.put([_message('9')])
        sent += _sent(spool)
        self.assertEqual([body[:1] for body in sent], list('123456789'))
        self.assertIsNone(Spool(self.folder, 16).first())

    def test_a_fork_leaves_each_message_to_one_process(self):
        spool = Spool(self.folder, 16)
        spool.put([_message('before')])
        child = os.fork()
        if not child:
            spool.put([_message('child')])
            os._exit(0)
        os.waitpid(child, 0)
        spool.put([_message('parent')])
        self.assertEqual(_sent(spool), ['before', 'child', 'parent'])

    def test_a_forked_process_holds_locks_of_its_own_and_commits_for_good(self):
        spool = Spool(self.folder, 16)
        spool.put([_message('parent')])
        told, tell = os.pipe()
        heard, go_on = os.pipe()
        child = os.fork()
        if not child:
            spool.put([_message('0')])
            os.write(tell, b'1')
            os.read(heard, 1)
            for n in range(1, 100):
                spool.put([_message(str(n))])
            os.write(tell, b'2')
            signal.pause()
        self.addCleanup(os.waitpid, child, 0)
        self.addCleanup(os.kill, child, signal.SIGKILL)
        self._wait_for(told)
        self.assertIn(child, self._lock_owners())
        self.assertNotIn(os.getpid(), self._lock_owners())
        # The last that closes a database clears its log: the parent must not take itself for that.
        spool.put([_message('parent again')])
        spool.close()
        self.assertIn(child, self._lock_owners())
        os.write(go_on, b'!')
        self._wait_for(told)
        os.kill(child, signal.SIGKILL)
        self.assertEqual(
            _sent(Spool(self.folder, 16)),
            ['parent', '0', 'parent again', *map(str, range(1, 100))])

    def _no_folder(self):
        """What is a file where the spool wants a folder."""
        path = os.path.join(self.folder, 'file')
        open(path, 'w').close()
        return path

    @contextlib.contextmanager
    def _held(self):
        """While another process writes."""
        other = sqlite3.connect(os.path.join(self.folder, 'spool.db'), isolation_level=None)
        try:
            other.execute('BEGIN IMMEDIATE')
            yield
        finally:
            other.close()

    def _fill(self, path):
        """Takes all the space that is left."""
        with open(path, 'wb', buffering=0) as filler:
            try:
                while filler.write(b'x' * 4096):
                    pass
            except OSError as error:
                self.assertEqual(error.errno, errno.ENOSPC)

    def _wait_for(self, pipe):
        ready, _, _ = select.select([pipe], [], [], _SECONDS)
        self.assertTrue(ready)
        os.read(pipe, 1)

    def _lock_owners(self):
        """Which processes hold locks of the database."""
        inodes = {str(entry.stat().st_ino) for entry in os.scandir(self.folder)}
        with open('/proc/locks') as locks:
            held = [line.replace('->', '').split() for line in locks]
        return {int(fields[4]) for fields in held if fields[5].rsplit(':', 1)[-1] in inodes}
