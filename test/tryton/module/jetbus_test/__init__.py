"""A module of Tryton for Jetbus's tests: methods that publish on trytond's bus, to be called over RPC.

It is Jetbus's own code under Jetbus's licence, and holds none of Tryton's; it runs inside trytond, which is under the
GPL, and is part of no package that people install.
"""
from trytond.pool import Pool

from .publishing import Publishing

__all__ = ['register']


def register():
    Pool.register(Publishing, module='jetbus_test', type_='model')
