"""Addresses of signing in and of one's account."""

from django.urls import path

from kezhuan.areas.accounts import pages_account, pages_invitations, pages_providers, pages_security, pages_sign_in

urlpatterns = [
    path("sign-in/", pages_sign_in.sign_in, name="sign-in"),
    path("sign-in/second/", pages_sign_in.sign_in_second, name="sign-in-second"),
    path("sign-in/passkey/", pages_sign_in.sign_in_passkey, name="sign-in-passkey"),
    path("sign-in/code/", pages_sign_in.sign_in_code, name="sign-in-code"),
    path("sign-in/code/typed/", pages_sign_in.sign_in_code_typed, name="sign-in-code-typed"),
    path("sign-in/with/<slug:slug>/", pages_providers.provider_out, name="provider-out"),
    path("sign-in/with/<slug:slug>/back/", pages_providers.provider_back, name="provider-back"),
    path("sign-in/first/", pages_providers.provider_first, name="provider-first"),
    path("sign-in/first/code/", pages_providers.provider_first_code, name="provider-first-code"),
    path("sign-in/tie/", pages_providers.provider_tie, name="provider-tie"),
    path("account/identities/<int:number>/remove/", pages_providers.provider_untie, name="provider-untie"),
    path("invitations/<str:token>/", pages_invitations.invitation_page, name="invitation"),
    path("sign-out/", pages_sign_in.sign_out, name="sign-out"),
    path("sign-up/", pages_account.sign_up_page, name="sign-up"),
    path("sign-up/code/", pages_account.sign_up_code, name="sign-up-code"),
    path("password/forgotten/", pages_account.password_forgotten, name="password-forgotten"),
    path("password/new/<str:uid>/<str:token>/", pages_account.password_new, name="password-new"),
    path("account/", pages_account.account, name="account"),
    path("account/copy/", pages_account.account_copy, name="account-copy"),
    path("account/password/", pages_account.password, name="account-password"),
    path("account/email/", pages_account.email_change, name="email-change"),
    path("account/email/code/", pages_account.email_code, name="email-code"),
    path("account/mobile/", pages_account.mobile_change, name="mobile-change"),
    path("account/mobile/code/", pages_account.mobile_code, name="mobile-code"),
    path("account/mobile/remove/", pages_account.mobile_remove, name="mobile-remove"),
    path("account/prove/", pages_security.prove, name="prove"),
    path("account/prove/code/", pages_security.prove_code, name="prove-code"),
    path("account/security/", pages_security.security, name="security"),
    path("account/security/app/", pages_security.app_new, name="app-new"),
    path("account/security/passkeys/", pages_security.passkey_new, name="passkey-new"),
    path("account/security/factors/<int:number>/remove/", pages_security.factor_remove, name="factor-remove"),
    path("account/security/recovery/", pages_security.recovery_new, name="recovery-new"),
    path("account/sessions/<slug:mark>/end/", pages_security.session_end, name="session-end"),
    path("account/sessions/end/", pages_security.sessions_end, name="sessions-end"),
]
