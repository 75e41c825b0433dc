"""The part of a desktop that shows notifications: each is printed as a line of JSON.

It serves org.freedesktop.Notifications on the session's D-Bus, as the Desktop Notifications Specification has it, with the
capabilities without which Chromium would draw a notification itself.
"""
import json
import sys

from gi.repository import Gio, GLib

NAME = 'org.freedesktop.Notifications'
INTERFACE = '''
<node>
  <interface name="org.freedesktop.Notifications">
    <method name="GetCapabilities">
      <arg type="as" direction="out"/>
    </method>
    <method name="GetServerInformation">
      <arg type="s" direction="out"/>
      <arg type="s" direction="out"/>
      <arg type="s" direction="out"/>
      <arg type="s" direction="out"/>
    </method>
    <method name="Notify">
      <arg name="app_name" type="s" direction="in"/>
      <arg name="replaces_id" type="u" direction="in"/>
      <arg name="app_icon" type="s" direction="in"/>
      <arg name="summary" type="s" direction="in"/>
      <arg name="body" type="s" direction="in"/>
      <arg name="actions" type="as" direction="in"/>
      <arg name="hints" type="a{sv}" direction="in"/>
      <arg name="expire_timeout" type="i" direction="in"/>
      <arg name="id" type="u" direction="out"/>
    </method>
    <method name="CloseNotification">
      <arg name="id" type="u" direction="in"/>
    </method>
  </interface>
</node>
'''


class Server:
    def __init__(self):
        self._shown = 0

    def called(self, _bus, _sender, _path, _interface, method, arguments, call):
        answers = {
            'GetCapabilities': lambda: GLib.Variant('(as)', (['actions', 'body'],)),
            'GetServerInformation': lambda: GLib.Variant(
                '(ssss)', ('jetbus-test', 'jetbus', '1', '1.2')),
            'Notify': lambda: self._notify(*arguments.unpack()),
            'CloseNotification': lambda: None,
        }
        call.return_value(answers[method]())

    def _notify(self, application, replaces, _icon, title, body, *_rest):
        self._shown += 1
        say(application=application, title=title, body=body)
        return GLib.Variant('(u)', (replaces or self._shown,))


def say(**what):
    print(json.dumps(what), flush=True)


def connected(bus, _name):
    interface, = Gio.DBusNodeInfo.new_for_xml(INTERFACE).interfaces
    bus.register_object('/org/freedesktop/Notifications', interface, Server().called)


def named(_bus, name):
    say(name=name)


def lost(_bus, name):
    sys.exit('%s cannot be had' % name)


Gio.bus_own_name(
    Gio.BusType.SESSION, NAME, Gio.BusNameOwnerFlags.NONE, connected, named, lost)
GLib.MainLoop().run()
