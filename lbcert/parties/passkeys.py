"""Passkeys: the forms of the library's pages, on which addresses they work, and what they ask of a device."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import current_app, request, session
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_security import views
from flask_security.forms import Form
from flask_security.webauthn import (
    WebAuthnDeleteForm,
    WebAuthnRegisterForm,
    WebAuthnRegisterResponseForm,
    WebAuthnSigninResponseForm,
)
from flask_security.webauthn_util import WebauthnUtil
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length

from lbcert.core.access import PUBLIC, SIGNED_IN, Gate

#: Where the browser keeps which challenge it was given last.
_CHALLENGE = "passkey_challenge"

GATES: dict[str, Gate] = {
    "security.wan_register": SIGNED_IN,
    "security.wan_register_response": SIGNED_IN,
    "security.wan_delete": SIGNED_IN,
    "security.wan_signin": PUBLIC,
    "security.wan_signin_response": PUBLIC,
}
SETTINGS: dict[str, Any] = {
    "SECURITY_WEBAUTHN": True,
    "SECURITY_WAN_RP_NAME": "lbcert",
    "SECURITY_WAN_REGISTER_URL": "/passkeys",
    "SECURITY_WAN_REGISTER_TEMPLATE": "pages/parties/passkeys.html",
    "SECURITY_WAN_DELETE_URL": "/passkeys/remove",
    "SECURITY_WAN_SIGNIN_URL": "/sign-in/passkey",
    "SECURITY_WAN_SIGNIN_TEMPLATE": "pages/parties/passkey_sign_in.html",
    "SECURITY_WAN_ALLOW_USER_HINTS": False,  # nobody is told which names have passkeys
    "SECURITY_WAN_ALLOW_AS_VERIFY": None,  # the password is asked for again
}


class OurDoor(WebauthnUtil):
    """What a passkey must do here: know its account by itself, and make sure of the person (finger, face or PIN).

    So it stands for both factors, and a mere touch for none.
    """

    def generate_challenge(self, nbytes: int | None = None) -> str:
        """Make a challenge that this browser alone may answer, once."""
        challenge: str = super().generate_challenge(nbytes)
        session[_CHALLENGE] = challenge
        return challenge

    def origin(self) -> str:
        """Give the address that the browser must have been at: the public one, or this machine's own."""
        here = urlsplit(request.host_url)
        public: str = current_app.config["LBCERT"].public_url
        return f"{here.scheme}://{here.netloc}" if here.hostname == "localhost" else public

    def authenticator_selection(self, _user: Any, _usage: str) -> AuthenticatorSelectionCriteria:
        """Ask for a passkey of any device that finds its account by itself and makes sure of the person."""
        return AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        )

    def user_verification(self, _user: Any, _usage: list[str]) -> UserVerificationRequirement:
        """Have the device make sure of the person at each sign-in."""
        return UserVerificationRequirement.REQUIRED

    def name_svn(self, value: str) -> tuple[str | None, str | None]:
        """Take any name without the blanks around it; the form has seen to its length."""
        return None, value.strip()


class NewPasskeyForm(WebAuthnRegisterForm):
    """The name under which somebody will know a passkey again."""

    name = StringField(
        _l("名称"),
        validators=[InputRequired(_l("请给通行密钥起个名字")), Length(max=60, message=_l("名称最多 60 字"))],
    )
    usage = HiddenField(default="first")

    def validate(self, **kwargs: Any) -> bool:
        """Check the name; each passkey signs in by itself, whatever is sent."""
        self.usage.data = "first"
        return bool(super().validate(**kwargs))


class RemovePasskeyForm(WebAuthnDeleteForm):
    """The name of the passkey that goes."""

    name = StringField()

    def validate(self, **kwargs: Any) -> bool:
        """Find the account's passkey of this name."""
        if self.name.data:
            return bool(super().validate(**kwargs))
        self.name.errors = [gettext("没有指明要删除的通行密钥")]
        return False


class _AnswersOwnChallenge(Form):
    """What a device answers: to the challenge that this browser was given last, once."""

    def validate(self, **kwargs: Any) -> bool:
        """Refuse what answers another's challenge, or one that was answered, and whatever no device writes."""
        is_own = session.pop(_CHALLENGE, None) == self.challenge
        try:
            if is_own and super().validate(**kwargs):
                return True
        except (WebAuthnException, ValueError, TypeError, AttributeError, LookupError):
            is_own = False
        if not is_own:
            self.credential.errors = [gettext("这次操作已经失效，请重新开始")]
        return False


class NewPasskeyAnswerForm(_AnswersOwnChallenge, WebAuthnRegisterResponseForm):
    """A new passkey, as the device made it."""


class PasskeyAnswerForm(_AnswersOwnChallenge, WebAuthnSigninResponseForm):
    """The proof that a device gives of a passkey."""

    def validate(self, **kwargs: Any) -> bool:
        """Check the proof, and that the account is open; nobody is remembered beyond the session."""
        is_proven = super().validate(**kwargs)
        self.remember.data = ""
        return is_proven and self.user is not None and bool(self.user.is_active)


FORMS: dict[str, Any] = {
    "wan_register_form": NewPasskeyForm,
    "wan_register_response_form": NewPasskeyAnswerForm,
    "wan_delete_form": RemovePasskeyForm,
    "wan_signin_response_form": PasskeyAnswerForm,
}


def begin() -> Any:
    """Begin to sign in with a passkey, also from half-way through signing in with a password: it is both factors."""
    for begun in ("tf_user_id", "tf_state"):
        session.pop(begun, None)
    return views.webauthn_signin()
