"""Jetbus as the bus of trytond: its messages go there, and its clients poll there.

    [bus]
    class = trytond_jetbus.Bus
    jetbus_url = http://127.0.0.1:8100
    jetbus_token = the publish token of the nodes
"""
import json
import os

from werkzeug.exceptions import ServiceUnavailable
from werkzeug.wrappers import Response

from trytond.config import config
from trytond.protocols.jsonrpc import JSONEncoder
from trytond.transaction import Transaction

from .node import Node
from .outbox import Message, Outbox
from .process import in_each
from .sender import Sender
from .spool import Spool

__all__ = ['Bus']

_node = Node(
    config.get('bus', 'jetbus_url', default='http://127.0.0.1:8100'),
    config.get('bus', 'jetbus_token'))
_spool = Spool(
    config.get('bus', 'jetbus_spool', default=os.path.join(
            config.get('database', 'path'), 'jetbus-spool')),
    config.getint('bus', 'jetbus_spool_size', default=256))
_sender = Sender(_spool, _node)
in_each(_sender.start)


class Bus:
    """What trytond's `[bus] class` names."""

    @classmethod
    def publish(cls, channel, message):
        """Publishes a dictionary when the transaction commits, and never when it rolls back.

        What a value's JSON is, trytond's encoder says; it raises here for what has none. The
        message gets its id on the bus: the dictionary is left as it is.
        """
        transaction = Transaction()
        body = json.dumps(
            {'channel': channel, 'message': message},
            cls=JSONEncoder, separators=(',', ':'))
        outbox = transaction.join(Outbox(_sender.hand_over))
        outbox.add(Message(transaction.database.name, body))

    @classmethod
    def subscribe(cls, database, channels, last_message=None):
        """Refuses: clients poll Jetbus.

        By 503, upon which they try again, since 501 would stop them until the next login. The header tells
        Jetbus, which asks about sessions in this way, that this one holds.
        """
        raise ServiceUnavailable(response=Response(
                "Clients poll Jetbus: send them there by [bus] url_host, or by a proxy.",
                503, {'Jetbus-Session': 'holds'}))
