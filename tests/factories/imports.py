"""Files taken in by the program itself, as the tests of imports need them."""

from kezhuan.areas.people.actions import SYSTEM
from kezhuan.exchange.importing import Importer
from kezhuan.exchange.settings import Settings


def take_in(kind, path, **settings):
    one = Importer(kind, path, Settings(actor=settings.pop("actor", SYSTEM), language="en", **settings))
    one.run()
    return one
