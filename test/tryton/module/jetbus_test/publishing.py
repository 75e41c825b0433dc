"""What the tests call. Each method also writes a record, so that its transaction is one that changes something."""
import os
import threading

from trytond import backend
from trytond.bus import Bus, notify
from trytond.exceptions import UserError
from trytond.model import ModelSQL, fields
from trytond.rpc import RPC
from trytond.transaction import Transaction

__all__ = ['Publishing']

_WRITES = [
    'notify', 'publish', 'publish_many', 'notify_and_fail', 'notify_and_try_again',
    'notify_in_transactions', 'notify_last', 'overtake', 'texts']
_SECONDS = 30


class Publishing(ModelSQL):
    "Publishing"
    __name__ = 'jetbus_test.publishing'

    text = fields.Text("Text")

    _published = threading.Event()
    _let_go = threading.Event()
    _attempts = set()

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__rpc__.update({name: RPC(readonly=False) for name in _WRITES})
        cls.__rpc__['notify_while_reading'] = RPC(readonly=True)
        cls.__rpc__['let_go'] = RPC(readonly=True)
        cls.__rpc__['threads'] = RPC(readonly=True)

    @classmethod
    def _write(cls, text):
        cls.create([{'text': text}])

    @classmethod
    def texts(cls):
        """What has been committed."""
        return [record.text for record in cls.search([], order=[('id', 'ASC')])]

    @classmethod
    def notify(cls, title, body=None, priority=1, user=None, client=None):
        cls._write(title)
        notify(title, body, priority, user, client)

    @classmethod
    def notify_while_reading(cls, title, user):
        """In a transaction that may not write."""
        notify(title, user=user)

    @classmethod
    def publish(cls, channel, message):
        cls._write(channel)
        Bus.publish(channel, message)

    @classmethod
    def publish_many(cls, channel, prefix, count):
        """Messages {"text": prefix-0}, {"text": prefix-1}, … in one transaction; answers which process that was."""
        cls._write(prefix)
        for number in range(count):
            Bus.publish(channel, {'text': '%s-%d' % (prefix, number)})
        return os.getpid()

    @classmethod
    def notify_and_fail(cls, title, user):
        cls._write(title)
        notify(title, user=user)
        raise UserError("Rolled back, as the test wants.")

    @classmethod
    def notify_and_try_again(cls, title, user):
        """Fails at first as a database does that cannot serialise, so that trytond calls it once more."""
        cls._write(title)
        notify(title, user=user)
        if title not in cls._attempts:
            cls._attempts.add(title)
            raise backend.DatabaseOperationalError("the first attempt fails")

    @classmethod
    def notify_in_transactions(cls, title, user):
        """Four transactions inside this one: of two pairs one commits and one rolls back; this one commits at last."""
        notify(title + ': outer', user=user)
        for name in ['inner', 'another']:
            with Transaction().new_transaction():
                notify('%s: %s' % (title, name), user=user)
            with Transaction().new_transaction() as transaction:
                notify('%s: %s, rolled back' % (title, name), user=user)
                transaction.rollback()

    @classmethod
    def notify_last(cls, title, user):
        """Publishes, and commits only when it is let go."""
        notify(title, user=user)
        cls._published.set()
        if not cls._let_go.wait(_SECONDS):
            raise UserError("Nobody let it go.")
        cls._published.clear()
        cls._let_go.clear()

    @classmethod
    def overtake(cls, title, user):
        """Publishes after `notify_last` did; its transaction commits before."""
        if not cls._published.wait(_SECONDS):
            raise UserError("There is nothing to overtake.")
        notify(title, user=user)

    @classmethod
    def let_go(cls):
        cls._let_go.set()

    @classmethod
    def threads(cls):
        """Which process this is, and the names of its threads."""
        return os.getpid(), [thread.name for thread in threading.enumerate()]
