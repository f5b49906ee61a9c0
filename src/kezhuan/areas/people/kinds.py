"""Registers organisations and people with the kernel: pages, search documents, labels."""

from collections.abc import Iterable, Iterator, Sequence

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.people.charge_actions import SHARES as CHARGES
from kezhuan.areas.people.handover_actions import SHARES
from kezhuan.areas.people.holdings import HOLDINGS, words_of_invitations
from kezhuan.areas.people.lifecycle import ORGANISATION, PERSON
from kezhuan.areas.people.queries import CLAIM, contact_shown
from kezhuan.areas.people.tables import ROWS
from kezhuan.exchange import kinds as importables
from kezhuan.kernel import handover, holdings, registry, roles, search
from kezhuan.kernel.models import Organisation, Person
from kezhuan.kernel.models.parties import Role


def organisation_documents(ids: Sequence[int]) -> Iterator[search.SearchDocument]:
    """Organisations as search reads them."""
    for row in Organisation.objects.filter(pk__in=ids).select_related("record"):
        yield from search.by_group(
            row.record,
            public_text=row.record.summary,
            facets={"organisation_kind": row.kind, "region": row.region, "size": row.size},
        )


def person_documents(ids: Sequence[int]) -> Iterator[search.SearchDocument]:
    """People as search reads them: by name, for those who may see it."""
    for row in Person.objects.filter(pk__in=ids).select_related("record"):
        yield from search.by_group(row.record, public_text=row.post)


def _itself(row: Organisation | Person) -> Iterable[int]:
    return (row.pk,)


def register() -> None:
    """Called once when Django has loaded the models."""
    registry.register(
        registry.Kind(
            slug="organisation",
            is_programme=True,
            label=_("organisation"),
            plural=_("organisations"),
            model=Organisation,
            lifecycle=ORGANISATION,
            page="organisation",
            waits={CLAIM: _("asks to act for the organisation")},
            list_page="organisations",
            documents=organisation_documents,
            concerned=_itself,
        )
    )
    registry.register(
        registry.Kind(
            slug="person",
            label=_("person"),
            plural=_("people"),
            model=Person,
            lifecycle=PERSON,
            page="person",
            documents=person_documents,
            concerned=_itself,
            confidential=contact_shown,
        )
    )
    administrators = frozenset({Role.ADMINISTRATOR})
    roles.tell(roles.Right("administer", _("invite members, give roles and posts, admit inspectors"), administrators))
    importables.register(ROWS)
    handover.share(*CHARGES, *SHARES)
    holdings.hold(*HOLDINGS)
    holdings.name_words(words_of_invitations)
