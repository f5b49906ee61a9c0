"""Every table that names a person says what becomes of them (see docs/how-to/personal-data.md)."""

from django.apps import apps
from django.db import models

from kezhuan.kernel import holdings
from kezhuan.kernel.models import Person, User


def test_every_table_with_a_person_in_it_is_named():
    named = {(holding.model, holding.path.split("__")[0]) for holding in holdings.all_holdings()}
    found = {
        (model, field.name)
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and field.related_model in {Person, User}
    }
    assert found - named == set()
