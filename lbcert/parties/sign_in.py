"""Signing in: by user name or phone, argon2, a second factor by TOTP, or a passkey; every attempt counted and audited."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Flask, g, redirect, request, session, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_security import Security, Totp, UserMixin, signals, views
from flask_security.datastore import SQLAlchemyUserDatastore
from flask_security.forms import LoginForm, TwoFactorRescueForm, TwoFactorSetupForm
from flask_security.proxies import _security
from sqlalchemy import bindparam, inspect, or_, select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response
from wtforms import RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from lbcert.core import clock, throttle
from lbcert.core.access import PUBLIC, SIGNED_IN
from lbcert.core.database import db
from lbcert.core.identity.phone import tidy_phone
from lbcert.core.room import LENT
from lbcert.core.seal import derived, keyring
from lbcert.parties import passkeys, rules, sign_in_words
from lbcert.parties.models import Account, Passkey
from lbcert.parties.operations.passkeys import add_passkey, remove_passkey, use_passkey
from lbcert.parties.operations.sign_in import SignIn, record_sign_in

#: Tries at one name or one person's code, whoever sends them.
TRIES = "20 per 10 minutes"
#: Tries from one address, behind which a whole county office may sit.
TRIES_FROM_ADDRESS = "200 per 10 minutes"

#: What an account may open before its password is its own and its second factor is set up.
_UNFINISHED = frozenset(
    {
        "static", "language", "security.change_password", "security.logout", "security.verify",
        "security.two_factor_setup", "security.two_factor_setup_validate",
    }
)  # fmt: skip

LENT.update(
    {
        "security.login": PUBLIC,
        "security.two_factor_token_validation": PUBLIC,
        #: Who is half-way through signing in sets it up, too; the library asks for the password just given.
        "security.two_factor_setup": PUBLIC,
        "security.two_factor_setup_validate": SIGNED_IN,
        "security.logout": PUBLIC,
        "security.verify": SIGNED_IN,
        "security.change_password": SIGNED_IN,
        **passkeys.GATES,
    }
)


def _throttled(view: Callable[..., Any], whom: Callable[[], str]) -> Callable[..., Any]:
    """Count the POSTs to a page of the library by whom they try to be, and by where they come from."""
    limited = throttle.limiter.limit(TRIES, key_func=whom, methods=["POST"])(view)
    return throttle.limiter.limit(TRIES_FROM_ADDRESS, methods=["POST"])(limited)


def _written(name: str) -> str:
    """Give the one way in which a name or a phone number counts: dashes and +86 make no other account of it."""
    return tidy_phone(name).text.casefold()


def _session_owner() -> str:
    return str(session.get("tf_user_id") or session.get("_user_id", "nobody"))


_THROTTLED = {
    "security.login": _throttled(views.login, partial(throttle.by_field, "name", _written)),
    "security.two_factor_token_validation": _throttled(views.two_factor_token_validation, _session_owner),
    "security.two_factor_setup_validate": _throttled(views.two_factor_setup_validate, _session_owner),
    "security.change_password": _throttled(views.change_password, _session_owner),
    "security.verify": _throttled(views.verify, _session_owner),
    "security.wan_register": _throttled(views.webauthn_register, _session_owner),
    "security.wan_register_response": _throttled(views.webauthn_register_response, _session_owner),
    "security.wan_delete": _throttled(views.webauthn_delete, _session_owner),
    # whom a passkey knows is not said before it is proven: where it comes from counts alone
    "security.wan_signin": throttle.limiter.limit(TRIES_FROM_ADDRESS, methods=["POST"])(passkeys.begin),
    "security.wan_signin_response": throttle.limiter.limit(TRIES_FROM_ADDRESS)(views.webauthn_signin_response),
}


#: Signing in asks for the passkeys while a new hash is unsaved, and every page for what the account may do.
_WHOLE = (joinedload(Account.grants), joinedload(Account.webauthn))
_OF_SESSION = select(Account).where(Account.fs_uniquifier == bindparam("session")).options(*_WHOLE)


class Accounts(SQLAlchemyUserDatastore):
    """The library's view of our accounts: what it changes goes through an operation, as all changes do."""

    def find_user(self, case_insensitive: bool = False, **wanted: Any) -> UserMixin | None:
        """Find an account; the one behind a session in one statement, with all that a request asks of it."""
        if (session_of := wanted.get("fs_uniquifier")) is None:
            return super().find_user(case_insensitive, **wanted)
        return db.session.scalars(_OF_SESSION, {"session": session_of}).unique().one_or_none()

    def commit(self) -> None:
        """Carry what the library changed in this request's account through ``parties.sign_in``."""
        events = g.pop("sign_in_events", [])
        for account in [row for row in db.session.dirty if isinstance(row, Account)]:
            edited = {
                attribute.key: attribute.value
                for attribute in inspect(account).attrs
                if attribute.history.has_changes() and attribute.key != "grants"
            }
            record_sign_in(account, account.id, events, edited)

    def create_webauthn(  # type: ignore[override]  # the rest of what the library knows is not kept
        self, user: Any, credential_id: bytes, public_key: bytes, name: str, sign_count: int, **_more: Any
    ) -> None:
        """Keep a new passkey."""
        add_passkey(user, name, credential_id, public_key, sign_count)

    def delete_webauthn(self, webauthn: Any) -> None:
        """Remove a passkey."""
        remove_passkey(webauthn.account, webauthn.id)

    def put(self, model: Any) -> Any:
        """Note a change; that a passkey was used is kept at once."""
        if isinstance(model, Passkey):
            use_passkey(model.account, model.id, model.sign_count)
            return model
        return super().put(model)


class SecondFactor(Totp):
    """Codes by the program's one clock, none of which is accepted twice."""

    def __init__(self, secrets: dict[int, str], issuer: str) -> None:
        super().__init__(secrets, issuer)
        self._totp = self._totp.using(now=lambda: clock.now().timestamp())

    def get_last_counter(self, user: Any) -> int | None:
        """Give the counter of the last code that was accepted, unless the code is for a new secret."""
        last: int | None = user.tf_last_counter
        return None if "tf_totp_secret" in session else last

    def set_last_counter(self, user: Any, tmatch: Any) -> None:
        """Remember the counter of the code just accepted."""
        user.tf_last_counter = tmatch.counter


class SignInForm(LoginForm):
    """A user name or a phone number, and a password; what is wrong is never said more closely."""

    email = None
    remember = None
    name = StringField(_l("用户名或手机号"), validators=[InputRequired(_l("请填写用户名或手机号")), Length(max=60)])

    def validate(self, **kwargs: Any) -> bool:
        """Find the account and check the password, in the same time whether there is one or not."""
        self.ifield = self.name
        self.user = find_account(self.name.data or "")
        if super().validate(**kwargs):
            _security.datastore.commit()  # the password may have been hashed anew, with the work of today
            return True
        if self.name.data and self.password.data:
            self.name.errors = []
            self.password.errors = [gettext("用户名、手机号或密码不对，或者账号已停用")]
        return False


class SecondFactorForm(TwoFactorSetupForm):
    """Set up the one second factor there is, or put it away."""

    setup = RadioField(
        choices=[SelectChoice(value=value, label=value) for value in ("authenticator", "disable")],
        validate_choice=False,
    )


class NoRescueForm(TwoFactorRescueForm):
    """Help with a lost phone is given by a person, who knows whom he helps."""

    help_setup = RadioField(choices=[])


def find_account(name: str) -> Account | None:
    """Find the account that signs in with ``name``: its user name, or its phone number as people write it."""
    phone = tidy_phone(name).text
    found = select(Account).where(
        or_(Account.user_name == name.strip().lower(), Account.phone_index == keyring().index("phone", phone))
    )
    # one at most: no user name begins with a digit
    return db.session.scalars(found.options(*_WHOLE)).unique().first()


def init_app(app: Flask) -> None:
    """Give the app its accounts. Called before the pages' guard, so that unfinished accounts are sent on first."""
    settings = app.config["LBCERT"]
    app.config.from_mapping(
        SECURITY_USER_IDENTITY_ATTRIBUTES=[{"user_name": {"mapper": str.lower}}],
        SECURITY_JOIN_USER_ROLES=False,
        SECURITY_PASSWORD_SALT=derived(settings.data_key, b"lbcert password 1").hex(),
        SECURITY_PASSWORD_LENGTH_MIN=rules.SHORTEST_PASSWORD,
        SECURITY_TRACKABLE=True,
        SECURITY_DATETIME_FACTORY=clock.now,
        SECURITY_CHANGEABLE=True,
        SECURITY_CHANGE_URL="/password",
        SECURITY_SEND_PASSWORD_CHANGE_EMAIL=False,
        SECURITY_LOGIN_URL="/sign-in",
        SECURITY_LOGOUT_URL="/sign-out",
        SECURITY_VERIFY_URL="/password-again",
        SECURITY_TWO_FACTOR=True,
        SECURITY_TWO_FACTOR_ENABLED_METHODS=["authenticator"],
        SECURITY_TWO_FACTOR_AUTHENTICATOR_VALIDITY=30,  # seconds of clock skew
        SECURITY_TWO_FACTOR_RESCUE_EMAIL=False,
        SECURITY_TWO_FACTOR_SETUP_URL="/second-factor",
        SECURITY_TWO_FACTOR_TOKEN_VALIDATION_URL="/second-factor/code",  # noqa: S106 (an address)
        SECURITY_TWO_FACTOR_POST_SETUP_VIEW="parties.own_account",
        SECURITY_TOTP_SECRETS={1: derived(settings.data_key, b"lbcert second factor 1").hex()},
        SECURITY_TOTP_ISSUER=re.sub("[^0-9A-Za-z.-]", "", settings.public_url.partition("://")[2]) or "lbcert",
        SECURITY_STATIC_FOLDER=None,
        SECURITY_LOGIN_USER_TEMPLATE="pages/parties/sign_in.html",
        SECURITY_CHANGE_PASSWORD_TEMPLATE="pages/parties/password.html",  # noqa: S106 (a template)
        SECURITY_VERIFY_TEMPLATE="pages/parties/password_again.html",
        SECURITY_TWO_FACTOR_SETUP_TEMPLATE="pages/parties/second_factor.html",
        SECURITY_TWO_FACTOR_VERIFY_CODE_TEMPLATE="pages/parties/second_factor_code.html",
        **passkeys.SETTINGS,
        **sign_in_words.SETTINGS,
    )
    throttle.init_app(app)
    security = Security(totp_cls=SecondFactor, webauthn_util_cls=passkeys.OurDoor)
    security.init_app(
        app,
        Accounts(db, Account, None, Passkey),  # type: ignore[arg-type]  # roles with scope are no rows of the library's
        login_form=SignInForm,
        two_factor_setup_form=SecondFactorForm,
        two_factor_rescue_form=NoRescueForm,
        **passkeys.FORMS,
    )
    security.i18n_domain = sign_in_words.OurWords(app)
    security.want_json(lambda _request: False)
    # The library looks for a token of its own in every body and query; people have sessions here, programs our tokens.
    app.login_manager.request_loader(lambda _request: None)  # type: ignore[attr-defined]  # Flask-Login's
    app.view_functions |= _THROTTLED
    app.before_request(_finish_first)


def _finish_first() -> Response | None:
    """Send an account on whose password somebody else gave it, or whose roles need a second factor that it lacks."""
    if request.endpoint in _UNFINISHED or not current_user.is_authenticated:
        return None
    if current_user.password_is_temporary:
        return redirect(url_for("security.change_password"))
    if current_user.needs_second_factor and not (current_user.tf_totp_secret or session.get("by_passkey")):
        return redirect(url_for("security.two_factor_setup"))
    return None


# The library says what happened; the operation that carries its changes says it in the audit log.


def _noted(event: SignIn) -> None:
    g.setdefault("sign_in_events", []).append(event)


@signals.user_authenticated.connect
def _signed_in(_app: Flask, authn_via: list[str] | None = None, **_facts: Any) -> None:
    if authn_via != ["change"]:  # a changed password begins a new session of its own
        session["by_passkey"] = authn_via == ["webauthn"]
        _noted(SignIn.SIGNED_IN_BY_PASSKEY if session["by_passkey"] else SignIn.SIGNED_IN)


@signals.password_changed.connect
def _password_changed(_app: Flask, user: Account, **_facts: Any) -> None:
    user.password_is_temporary = False
    _noted(SignIn.PASSWORD_CHANGED)


@signals.tf_profile_changed.connect
def _second_factor_changed(_app: Flask, **_facts: Any) -> None:
    _noted(SignIn.SECOND_FACTOR_SET_UP)


@signals.tf_code_confirmed.connect
def _second_factor_confirmed(_app: Flask, **_facts: Any) -> None:
    if "tf_totp_secret" in session:  # set up while signing in
        _noted(SignIn.SECOND_FACTOR_SET_UP)


@signals.tf_disabled.connect
def _second_factor_removed(_app: Flask, **_facts: Any) -> None:
    _noted(SignIn.SECOND_FACTOR_REMOVED)


@signals.user_failed_authn.connect
def _failed(_app: Flask, user: Account, tfa: bool = False, **_facts: Any) -> None:
    record_sign_in(user, user.id, [SignIn.CODE_FAILED if tfa else SignIn.FAILED], {})
