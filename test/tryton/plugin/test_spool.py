"""The plug-in's spool: what goes in comes out once and in order, whatever the disk does."""
import os
import sqlite3
import tempfile
import unittest

from trytond_jetbus.outbox import Message
from trytond_jetbus.spool import Spool

_MIB = 1024 * 1024


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
        self.assertIn('wait in memory', logs.output[0])
        self.assertEqual(_sent(spool, 3), bodies[:3])
        spool.put([_message('last')])
        self.assertEqual(_sent(spool), bodies[3:] + ['last'])
        self.assertIsNone(Spool(self.folder, 1).first())

    def test_another_process_that_holds_the_spool_changes_no_order(self):
        spool = Spool(self.folder, 16)
        spool.put([_message('1')])
        other = sqlite3.connect(os.path.join(self.folder, 'spool.db'), isolation_level=None)
        self.addCleanup(other.close)
        other.execute('BEGIN IMMEDIATE')
        with self.assertLogs('trytond_jetbus', 'ERROR'):
            spool.put([_message('2')])
            first = spool.first()
        other.execute('ROLLBACK')
        self.assertIn(first.body if first else None, [None, '1'])
        self.assertEqual(_sent(spool), ['1', '2'])

    def test_without_a_disk_messages_wait_in_memory(self):
        folder = os.path.join(self.folder, 'file', 'below')
        open(os.path.join(self.folder, 'file'), 'w').close()
        spool = Spool(folder, 16)
        with self.assertLogs('trytond_jetbus', 'ERROR') as logs:
            for n in range(3):
                spool.put([_message(str(n))])
        self.assertEqual(len(logs.output), 1)
        self.assertEqual(_sent(spool, 1), ['0'])
        os.unlink(os.path.join(self.folder, 'file'))
        spool.put([_message('3')])
        self.assertEqual(_sent(Spool(folder, 16)), ['1', '2', '3'])

    def test_memory_has_an_end_and_what_is_lost_is_logged(self):
        open(os.path.join(self.folder, 'file'), 'w').close()
        spool = Spool(os.path.join(self.folder, 'file', 'below'), 16)
        with self.assertLogs('trytond_jetbus', 'ERROR') as logs:
            spool.put([_message(str(n)) for n in range(1002)])
        lost = [line for line in logs.output if 'lost a message' in line]
        self.assertEqual(len(lost), 2)
        self.assertEqual(_sent(spool), [str(n) for n in range(1000)])

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
