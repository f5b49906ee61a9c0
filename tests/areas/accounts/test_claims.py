"""The file of providers, the claim map, and what of a signed answer is checked: plain functions, no server."""

import time
from types import SimpleNamespace

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from kezhuan.areas.accounts import openid
from kezhuan.areas.accounts.claims import ClaimMap, asserted
from kezhuan.areas.accounts.openid import Question, claims_of
from kezhuan.areas.accounts.providers import BadProvider, Provider, read_providers
from kezhuan.kernel.errors import Refused

GOOD = """
[[provider]]
slug = "scut"
kind = "cas"
name = "大学"
address = "https://sso.example.edu.cn/cas"
unit_role = "member"
[provider.claims]
email = "mail"
trusts = ["email"]

[[provider]]
slug = "city"
kind = "openid"
name = "市"
address = "https://id.example.gov.cn"
client = "kezhuan"
[provider.claims]
legal_person = "type"
legal_person_is = ["法人"]
"""


def written(tmp_path, text):
    file = tmp_path / "identity.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_file_of_providers_is_read(tmp_path):
    found = read_providers(written(tmp_path, GOOD))
    assert list(found) == ["scut", "city"]
    assert (found["scut"].claims.subject, found["scut"].claims.trusts) == ("user", frozenset({"email"}))
    assert found["city"].claims.legal_person_is == ("法人",)
    assert read_providers(tmp_path / "none.toml") == {}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (('kind = "cas"', 'kind = "saml"'), "provider 1: kind is one of"),
        (("https://sso.example.edu.cn/cas", "http://sso.example.edu.cn/cas"), "begins with https"),
        (("https://sso.example.edu.cn/cas", "sso"), "address is a web address"),
        (('client = "kezhuan"', ""), "provider 2: client is missing"),
        (('slug = "city"', 'slug = "scut"'), "stands there twice"),
        (('slug = "city"', 'slug = "a b"'), "slug holds"),
        (('unit_role = "member"', 'unit_role = "administrator"'), "unit_role is one of"),
        (('email = "mail"', 'emial = "mail"'), "emial is not known"),
        (('trusts = ["email"]', 'trusts = "email"'), "trusts is of the wrong type"),
        (("[[provider]]", "[provider]"), "identity.toml"),
    ],
)
def test_wrong_entry_names_itself(tmp_path, change, told):
    with pytest.raises(BadProvider, match=told):
        read_providers(written(tmp_path, GOOD.replace(*change)))


def test_setting_names_the_file(tmp_path):
    from kezhuan.config.environment import BadSetting, providers

    with pytest.raises(BadSetting, match="KEZHUAN_IDENTITY"):
        providers("KEZHUAN_IDENTITY", tmp_path / "x", {"KEZHUAN_IDENTITY": str(tmp_path / "missing.toml")})
    assert providers("KEZHUAN_IDENTITY", tmp_path / "x", {}) == {}


@pytest.mark.parametrize(
    ("claims", "proven"),
    [
        ({"email": "A@b.cn", "email_verified": True}, "a@b.cn"),
        ({"email": "A@b.cn", "email_verified": "true"}, "a@b.cn"),
        ({"email": "A@b.cn", "email_verified": False}, ""),
        ({"email": "A@b.cn", "email_verified": ["true"]}, ""),
        ({"email": "A@b.cn"}, ""),
        ({"email": "nonsense", "email_verified": True}, ""),
        ({"email": ["a@b.cn", "c@d.cn"], "email_verified": True}, "a@b.cn"),
        ({"email": {"x": 1}, "email_verified": True}, ""),
    ],
)
def test_address_counts_when_it_is_proven(claims, proven):
    assert asserted({"sub": "1", **claims}, ClaimMap()).email == proven


@pytest.mark.parametrize("claims", [{}, {"sub": ""}, {"sub": None}, {"sub": {}}, {"sub": True}, {"sub": "x" * 256}])
def test_claims_without_a_subject_are_nobody(claims):
    assert asserted(claims, ClaimMap()) is None


def test_dotted_claims_go_inside():
    how = ClaimMap(unit="org.0.uscc", unit_name="org.name", legal_person="a.b", legal_person_is=("1",))
    found = asserted({"sub": 7, "org": {"name": "甲"}, "a": {"b": 1}}, how)
    assert (found.subject, found.unit, found.unit_name, found.legal_person) == ("7", "", "甲", True)


# -- signed answers ----------------------------------------------------------------------------------------------------

HOUSE = "https://id.example.gov.cn"
KEY, FOREIGN = (rsa.generate_private_key(65537, 2048) for _ in range(2))
PROVIDER = Provider("city", "openid", "市", HOUSE, client="kezhuan", secret="x")
QUESTION = Question("state", "nonce-1", "verifier")


@pytest.fixture
def answering(monkeypatch):
    """The provider's answers, changed as a test likes."""
    openid.forget()
    held = SimpleNamespace(
        claims={"iss": HOUSE, "aud": "kezhuan", "sub": "u1", "nonce": "nonce-1", "iat": time.time(),
                "exp": time.time() + 60},
        key=KEY, algorithm="RS256", kid="k1", userinfo={"sub": "u1", "name": "李"}, issuer=HOUSE, asked=[],
    )  # fmt: skip

    def answer(_provider, _method, address, **options):
        held.asked.append((address, options))
        if address.endswith("openid-configuration"):
            return {
                "issuer": held.issuer, "authorization_endpoint": f"{HOUSE}/a", "token_endpoint": f"{HOUSE}/t",
                "jwks_uri": f"{HOUSE}/k", "userinfo_endpoint": f"{HOUSE}/u",
            }  # fmt: skip
        if address.endswith("/k"):
            return {"keys": [{**jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True), "kid": "k1"}]}
        if address.endswith("/u"):
            return held.userinfo
        signed = jwt.encode(held.claims, held.key, held.algorithm, headers={"kid": held.kid})
        return {"id_token": signed, "access_token": "a"}

    monkeypatch.setattr(openid, "_asked", answer)
    return held


def test_sound_answer_is_taken_and_the_verifier_is_sent(answering):
    found = claims_of(PROVIDER, QUESTION, "code", "https://x/")
    assert (found["sub"], found["name"]) == ("u1", "李")
    form = next(options["data"] for address, options in answering.asked if address.endswith("/t"))
    assert form["code_verifier"] == "verifier"


@pytest.mark.parametrize(
    "wrong",
    [
        {"claims": {"nonce": "other"}}, {"claims": {"nonce": None}}, {"claims": {"aud": "other"}},
        {"claims": {"iss": "https://evil.example"}}, {"claims": {"exp": time.time() - 3600}},
        {"claims": {"aud": ["kezhuan", "other"]}}, {"claims": {"sub": None}},
        {"key": FOREIGN}, {"kid": "unknown"},
        {"key": "a shared secret that is long enough for hs256", "algorithm": "HS256"},
        {"key": None, "algorithm": "none"},
        {"userinfo": {"sub": "somebody else"}}, {"issuer": "https://evil.example"},
    ],
)  # fmt: skip
def test_answer_that_does_not_fit_proves_nothing(answering, wrong):
    for name, value in wrong.items():
        if name == "claims":
            answering.claims = {key: one for key, one in {**answering.claims, **value}.items() if one is not None}
        else:
            setattr(answering, name, value)
    with pytest.raises(Refused) as refused:
        claims_of(PROVIDER, QUESTION, "code", "https://x/")
    assert refused.value.problems[0].code == "provider-refused"


def test_keys_are_asked_for_anew_when_one_is_not_known(answering):
    claims_of(PROVIDER, QUESTION, "code", "https://x/")
    claims_of(PROVIDER, QUESTION, "code", "https://x/")
    keys = [address for address, _options in answering.asked if address.endswith("/k")]
    assert len(keys) == 1
    answering.kid = "new"
    with pytest.raises(Refused):
        claims_of(PROVIDER, QUESTION, "code", "https://x/")
    assert len([address for address, _options in answering.asked if address.endswith("/k")]) == 2
