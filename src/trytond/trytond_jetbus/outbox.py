"""What a transaction publishes, until it commits."""
import uuid


class Message:
    """A message on its way: its database, its channel and content as JSON, and a name that no other has.

    One that was read from the spool has its place there as its id.
    """

    __slots__ = ('database', 'body', 'key', 'id')

    def __init__(self, database, body, key=None, id=None):
        self.database = database
        self.body = body
        self.key = key or uuid.uuid4().hex
        self.id = id


class Outbox:
    """A data manager of trytond's: `Transaction.join` finds the one that the transaction has already."""

    def __init__(self, hand_over):
        self._hand_over = hand_over
        self._messages = []

    def __eq__(self, other):
        return isinstance(other, Outbox)

    def add(self, message):
        self._messages.append(message)

    def tpc_begin(self, transaction):
        pass

    def commit(self, transaction):
        pass

    def tpc_vote(self, transaction):
        pass

    def tpc_finish(self, transaction):
        messages, self._messages = self._messages, []
        if messages:
            self._hand_over(messages)

    def tpc_abort(self, transaction):
        self._messages = []
