"""The bus of Tryton's desktop client, as it is installed, without its windows.

    desktop_bus.py HOST:PORT DATABASE LOGIN PASSWORD

The client's own modules log in and listen. Only the application, which needs a display, is another: it prints each
notification as a line of JSON instead of showing it. SIGUSR1 logs out. The client logs each of its polls on stderr.

This file is Jetbus's own, under Jetbus's licence, and holds none of Tryton's code.
"""
import json
import signal
import sys
import types

import gi

gi.require_version('Gdk', '3.0')
gi.require_version('GdkPixbuf', '2.0')
gi.require_version('Gtk', '3.0')
from gi.repository import GLib  # noqa: E402


def say(**what):
    print(json.dumps(what), flush=True)


class Main:
    """What the client asks of its application, and of its window, while it listens."""

    def show_notification(self, title, body, priority=1):
        say(title=title, body=body, priority=priority)

    def get_active_window(self):
        return self

    def get_window(self):
        return None


gui = types.ModuleType('tryton.gui')
gui.main = types.ModuleType('tryton.gui.main')
gui.Main = gui.main.Main = Main
sys.modules.update({'tryton.gui': gui, 'tryton.gui.main': gui.main})

host, database, login, password = sys.argv[1:]
sys.argv[1:] = ['--verbose', '--server', host, '--user', login]

from tryton import bus, rpc  # noqa: E402
from tryton.config import CONFIG  # noqa: E402


def logout():
    rpc.logout()
    say(logout=True)


CONFIG.parse()
CONFIG['login.db'] = database
rpc.login({'password': password})
say(client=bus.ID)
GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, signal.SIGUSR1, logout)
GLib.MainLoop().run()
