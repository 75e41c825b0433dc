"""Jetbus over HTTP, on one connection that is kept alive."""
import http.client
import json
import socket
from urllib.parse import quote, urlsplit

# The statuses that say no to a message itself: another attempt would be answered the same way.
_REFUSALS = {400, 409, 413}


class Unavailable(Exception):
    """It could not be found out whether the bus has the message: try again."""


class Refused(Exception):
    """The bus will never take the message."""


class Node:
    """A node, or what spreads requests over several."""

    def __init__(self, url, token, timeout=10):
        parts = urlsplit(url)
        if not (url.isascii() and _is_plain(parts)):
            raise ValueError(
                "[bus] jetbus_url should be such as http://127.0.0.1:8100, not %r" % url)
        if token and not (token.isascii() and token.isprintable()):
            raise ValueError("[bus] jetbus_token should be of visible ASCII characters")
        self.url = url
        self._path = parts.path.rstrip('/')
        self._headers = {'Content-Type': 'application/json'}
        if token:
            self._headers['Authorization'] = 'Bearer %s' % token
        connect = (http.client.HTTPSConnection if parts.scheme == 'https'
            else http.client.HTTPConnection)
        self._connect = lambda: connect(parts.hostname, parts.port, timeout=timeout)
        self._connection = None

    def publish(self, message):
        """Publishes a message; raises Unavailable or Refused when the bus did not acknowledge it."""
        path = '%s/%s/bus/publish' % (self._path, quote(message.database, safe=''))
        headers = dict(self._headers, **{'Idempotency-Key': message.key})
        status, content = self._post(path, message.body.encode('utf-8'), headers)
        if status == 201:
            return
        code, words = _error(content)
        if status == 413 or code and status in _REFUSALS:
            raise Refused('%s, %s' % (code or status, words))
        raise Unavailable('it answered %s%s' % (status, ': %s' % words if words else ''))

    def _post(self, path, body, headers):
        is_kept = self._connection is not None
        try:
            try:
                return self._exchange(path, body, headers)
            except (ConnectionError, http.client.BadStatusLine):
                # A connection that was kept may have been closed by the other side meanwhile.
                if not is_kept:
                    raise
                return self._exchange(path, body, headers)
        except (OSError, http.client.HTTPException) as error:
            raise Unavailable(_words(error)) from error

    def _exchange(self, path, body, headers):
        if self._connection is None:
            self._connection = self._connect()
        try:
            self._connection.request('POST', path, body, headers)
            response = self._connection.getresponse()
            return response.status, response.read()
        except Exception:
            self._connection.close()
            self._connection = None
            raise

    def forget(self):
        """Leaves the connection to the process that this one was forked from."""
        self._connection = None


def _is_plain(parts):
    try:
        parts.port
    except ValueError:
        return False
    return (parts.scheme in {'http', 'https'} and parts.hostname
        and not (parts.username or parts.password or parts.query or parts.fragment))


def _error(content):
    """What Jetbus says of a failure: its code and its words. An answer that is not its own has no code."""
    try:
        error = json.loads(content.decode('utf-8'))['error']
        return str(error['code']), str(error['message'])
    except (ValueError, TypeError, KeyError):
        return None, ''


def _words(error):
    if isinstance(error, socket.timeout):
        return 'it does not answer'
    return str(error) or type(error).__name__
