"""The plug-in's sender, before a bus that the test itself plays."""
import http.server
import json
import os
import sqlite3
import tempfile
import threading
import unittest

from disk import mount_for
from trytond_jetbus.node import Node
from trytond_jetbus.outbox import Message
from trytond_jetbus.sender import Sender
from trytond_jetbus.spool import Spool

_SECONDS = 30


class Bus(http.server.ThreadingHTTPServer):
    """Answers with the next of some statuses, and then with 201; says what it has taken, and whose connection brought it."""

    daemon_threads = True

    def __init__(self, *statuses):
        super().__init__(('127.0.0.1', 0), _Handler)
        self.statuses = list(statuses)
        # What it says with a failure, if not what Jetbus would say.
        self.page = None
        self.taken = []
        self.connections = set()
        self.changed = threading.Condition()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        """Says nothing of a process that was killed while it was connected."""

    @property
    def url(self):
        return 'http://127.0.0.1:%d' % self.server_port

    def wait_for(self, count):
        with self.changed:
            if not self.changed.wait_for(lambda: len(self.taken) >= count, _SECONDS):
                raise AssertionError('it has only %s' % self.taken)
            return list(self.taken)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length'])).decode('utf-8')
        bus = self.server
        with bus.changed:
            bus.connections.add(self.client_address)
            status = bus.statuses.pop(0) if bus.statuses else 201
            if status == 201:
                bus.taken.append(body)
                bus.changed.notify_all()
        words = {'error': {'code': 'no', 'message': 'no %d' % status}}
        answer = bus.page or json.dumps(words).encode()
        self.send_response(status)
        self.send_header('Content-Length', str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


class SenderTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='jetbus-spool-', ignore_cleanup_errors=True)
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def _bus(self, *statuses):
        bus = Bus(*statuses)
        self.addCleanup(bus.server_close)
        self.addCleanup(bus.shutdown)
        return bus

    def _sender(self, bus, folder=None):
        return Sender(Spool(folder or self.folder, 16), Node(bus.url, 'token'))

    def _send_without(self, folder):
        """Sends what no disk takes."""
        bus = self._bus()
        with self.assertLogs('trytond_jetbus', 'ERROR') as logs:
            sender = self._sender(bus, folder)
            sender.start()
            sender.hand_over([Message('shop', '1'), Message('shop', '2')])
            self.assertEqual(bus.wait_for(2), ['1', '2'])
        self.assertIn('spool.db cannot be written: ', logs.output[0])
        self.assertNotIn('a defect of the plug-in', '\n'.join(logs.output))

    def test_messages_go_over_one_connection(self):
        bus = self._bus()
        sender = self._sender(bus)
        sender.start()
        for n in range(3):
            sender.hand_over([Message('shop', str(n))])
            bus.wait_for(n + 1)
        self.assertEqual(bus.taken, ['0', '1', '2'])
        self.assertEqual(len(bus.connections), 1)

    def test_a_process_that_was_forked_sends_for_itself(self):
        bus = self._bus()
        sender = self._sender(bus)
        child = os.fork()
        if not child:
            sender.hand_over([Message('shop', 'child')])
            threading.Event().wait(_SECONDS)
            os._exit(0)
        self.addCleanup(os.waitpid, child, 0)
        self.addCleanup(os.kill, child, 9)
        self.assertEqual(bus.wait_for(1), ['child'])

    def test_what_will_never_be_taken_makes_way(self):
        bus = self._bus(400, 409, 413)
        with self.assertLogs('trytond_jetbus', 'ERROR') as logs:
            sender = self._sender(bus)
            sender.start()
            sender.hand_over([Message('shop', text) for text in ['bad', 'other', 'big', 'good']])
            self.assertEqual(bus.wait_for(1), ['good'])
        self.assertEqual(len(logs.output), 3)

    def test_what_may_be_taken_later_is_kept_in_order(self):
        bus = self._bus(503, 401, 500)
        with self.assertLogs('trytond_jetbus', 'ERROR'):
            sender = self._sender(bus)
            sender.start()
            sender.hand_over([Message('shop', '1'), Message('shop', '2')])
            self.assertEqual(bus.wait_for(2), ['1', '2'])

    def test_each_reason_of_an_outage_is_told_once(self):
        bus = self._bus(503, 503, 401, 401)
        with self.assertLogs('trytond_jetbus', 'WARNING') as logs:
            sender = self._sender(bus)
            sender.start()
            sender.hand_over([Message('shop', '1'), Message('shop', '2')])
            bus.wait_for(2)
        reasons = [line for line in logs.output if 'no messages' in line]
        self.assertEqual(len(reasons), 2)
        self.assertIn('503', reasons[0])
        self.assertIn('401', reasons[1])

    def test_messages_go_without_a_folder(self):
        path = os.path.join(self.folder, 'file')
        open(path, 'w').close()
        self._send_without(os.path.join(path, 'below'))

    def test_messages_go_without_a_disk_that_can_be_written(self):
        mount_for(self, self.folder, 'ro')
        self._send_without(self.folder)

    def test_what_a_proxy_finds_too_long_makes_way(self):
        bus = self._bus(413)
        bus.page = b'<html><h1>413 Request Entity Too Large</h1></html>'
        with self.assertLogs('trytond_jetbus', 'ERROR') as logs:
            sender = self._sender(bus)
            sender.start()
            sender.hand_over([Message('shop', 'long'), Message('shop', 'short')])
            self.assertEqual(bus.wait_for(1), ['short'])
        self.assertIn('refuses a message to database shop for good', logs.output[0])

    def test_what_is_not_an_answer_of_jetbus_refuses_nothing(self):
        bus = self._bus(400, 409)
        bus.page = b'<html></html>'
        with self.assertLogs('trytond_jetbus', 'ERROR'):
            sender = self._sender(bus)
            sender.start()
            sender.hand_over([Message('shop', '1')])
            self.assertEqual(bus.wait_for(1), ['1'])

    def test_while_another_process_holds_the_spool_nothing_stalls_or_is_sent_twice(self):
        bus = self._bus(503)
        sender = self._sender(bus)
        with self.assertLogs('trytond_jetbus', 'ERROR'):
            sender.start()
            sender.hand_over([Message('shop', '1'), Message('shop', '2')])
            other = sqlite3.connect(os.path.join(self.folder, 'spool.db'), isolation_level=None)
            self.addCleanup(other.close)
            other.execute('BEGIN IMMEDIATE')
            bus.wait_for(2)
            sender.hand_over([Message('shop', '3')])
            other.execute('ROLLBACK')
            self.assertEqual(bus.wait_for(3), ['1', '2', '3'])
        sender.hand_over([Message('shop', '4')])
        self.assertEqual(bus.wait_for(4), ['1', '2', '3', '4'])


class NodeTest(unittest.TestCase):

    def test_settings_that_cannot_be_are_told(self):
        for url in [
                'http://127.0.0.1:port', 'http://127.0.0.1:70000', '127.0.0.1:8100', 'ftp://127.0.0.1',
                'http://', 'http://me:secret@127.0.0.1', 'http://127.0.0.1/?a=1']:
            with self.assertRaisesRegex(ValueError, 'jetbus_url should be such as http://'):
                Node(url, 'token')
        with self.assertRaisesRegex(ValueError, 'jetbus_token should be of visible ASCII'):
            Node('http://127.0.0.1:8100', 'Schlüssel')
