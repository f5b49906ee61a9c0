"""Many programs at once, on real threads."""

import pytest

from kezhuan.areas.people.token_actions import MOST_TOKENS, make_token
from kezhuan.kernel import journal, tokens
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.models import Entry, Token
from kezhuan.kernel.text import today
from tests.factories import city
from tests.factories.databases import _emptied_journal, at_once

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["_emptied_journal"]


def make(actor, seed):
    return make_token(actor=actor, name="同步", reads={"*"}, writes=(), expires_on=today(), seed=seed)


def test_a_form_pressed_eight_times_at_once_makes_one_token():
    actor, seed = city.member(city.organisation()), tokens.new_seed()
    results = at_once([lambda: make(actor, seed)] * 8)
    assert {secret for _row, secret in results} == {tokens.secret_of(seed)}
    assert Token.objects.count() == Entry.objects.filter(kind="token.made").count() == 1
    assert journal.verify().broken_seq is None


def test_many_at_once_do_not_pass_the_limit_of_tokens():
    actor = city.member(city.organisation())
    row, _secret = make(actor, tokens.new_seed())
    Token.objects.bulk_create(
        Token(person=row.person, organisation=row.organisation, name="x", digest=f"{n}", made_at=row.made_at,
              expires_on=row.expires_on)
        for n in range(MOST_TOKENS - 3)
    )  # fmt: skip
    results = at_once([lambda: make(actor, tokens.new_seed()) for _ in range(5)])
    assert sum(isinstance(result, Refused) for result in results) == 3
    assert Token.objects.count() == MOST_TOKENS
