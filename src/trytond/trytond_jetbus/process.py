"""Which process this is: trytond's servers fork after loading it, and not all of them tell Python."""
import os

try:
    # Only inside uWSGI, which forks its workers by itself.
    import uwsgi
except ImportError:
    uwsgi = None


def in_each(start):
    """Runs `start` in every process that serves: in this one, unless it only forks others, and in those."""
    if uwsgi is None:
        os.register_at_fork(after_in_child=start)
        start()
        return
    former = getattr(uwsgi, 'post_fork_hook', None)

    def forked():
        if former is not None:
            former()
        start()

    uwsgi.post_fork_hook = forked
    if uwsgi.worker_id() > 0:
        start()
