"""The way in, and one's own account."""

from tests.access.rules.rule import SIGNED_IN, WAY_IN, WITHOUT_LINK, Rule, everybody, nobody, signed_in

PAGES = {
    **dict.fromkeys(
        ("sign-in", "sign-in-second", "sign-in-code", "sign-in-code-typed", "provider-first", "provider-first-code",
         "provider-tie", "sign-up", "sign-up-code", "password-forgotten"), WAY_IN
    ),
    "sign-in-passkey": Rule(everybody, by="post", way_in=True),
    "sign-out": Rule(everybody, by="post"),
    "provider-out": Rule(nobody, "providers"),
    "provider-back": Rule(nobody, "providers"),
    "invitation": Rule(nobody, WITHOUT_LINK),
    "password-new": Rule(nobody, "password links"),
    **dict.fromkeys(
        ("account", "account-password", "email-change", "email-code", "mobile-change", "mobile-code",
         "prove", "prove-code", "security", "app-new", "passkey-new"), SIGNED_IN
    ),
    **dict.fromkeys(("mobile-remove", "recovery-new", "sessions-end"), Rule(signed_in, by="post")),
    "account-copy": Rule(signed_in, by="post"),
    "factor-remove": Rule(signed_in, "one number", by="post"),
    "provider-untie": Rule(signed_in, "one number", by="post"),
    "session-end": Rule(signed_in, "one mark", by="post"),
}  # fmt: skip
