from __future__ import annotations

from typing import Any

from allauth.account.forms import (
    ChangePasswordForm,
    LoginForm,
    ReauthenticateForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
    SetPasswordForm,
)
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as ReauthenticateCodeForm
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.utils.translation import gettext_lazy as _

from ringtrace.core.clock import wall_clock
from ringtrace.web.forms.reading import checked
from ringtrace.web.models import Account, SsoProvider, User
from ringtrace.web.people import LONGEST_PERSONS_NAME, tidy_name
from ringtrace.web.sign_in.guesses import are_codes_shut
from ringtrace.web.sign_in.providers import JOINS_AS, ProviderSaid, check_domains, check_issuer
from ringtrace.web.when import read_list

_UNREADABLE = (AttributeError, KeyError, TypeError, ValueError)
_NO_PASSKEY = "That is no passkey of this page. Load it again and try once more."
_TOO_MANY_CODES = "Too many wrong codes within a day. Use a passkey, or try again tomorrow."
_NOBODY = ("", "Nobody: they need an invitation first")


class SignInForm(LoginForm):  # type: ignore[misc]  # allauth has no types
    """E-mail address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "E-mail address"
        self.fields["login"].widget = forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username"})
        self.fields["password"].help_text = ""
        self.fields["password"].widget.attrs.pop("placeholder", None)

    def add_prefix(self, field_name: str) -> str:
        """The field is `username`, as password managers expect."""
        return "username" if field_name == "login" else str(super().add_prefix(field_name))


class ForgottenForm(ResetPasswordForm):  # type: ignore[misc]  # allauth has no types
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = "E-mail address"
        self.fields["email"].widget = forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username"})

    def clean_email(self) -> str:
        """Whoever has this address; the answer is the same where nobody has."""
        email: str = self.cleaned_data["email"].lower()
        self.users = list(User.objects.filter(email=email, is_active=True))
        return email


_LABELS = {
    "oldpassword": "Your password of now",
    "password": "Your password",
    "password1": "New password",
    "password2": "New password, once more",
}


class _Passwords:
    """Names the fields as we do, and says what a password needs."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, forms.Field] = self.fields  # type: ignore[attr-defined]  # of the form that this stands before
        for name, field in fields.items():
            field.label = _LABELS[name]
            field.help_text = "Ten characters or more." if name == "password1" else ""
            field.widget.attrs.pop("placeholder", None)


class ChangeForm(_Passwords, ChangePasswordForm):  # type: ignore[misc]  # allauth has no types
    """A new password in place of the one of now."""


class FirstPasswordForm(_Passwords, SetPasswordForm):  # type: ignore[misc]  # allauth has no types
    """A password for somebody who has none."""


class ResetForm(_Passwords, ResetPasswordKeyForm):  # type: ignore[misc]  # allauth has no types
    """A new password by a link from the mail."""


class AgainForm(_Passwords, ReauthenticateForm):  # type: ignore[misc]  # allauth has no types
    """The password once more, before something changes."""


class _FewCodes:
    """Takes no code after many wrong ones within a day, be it right: ten a minute alone are enough to find one."""

    def clean_code(self) -> str:
        if are_codes_shut(self.user, wall_clock()):  # type: ignore[attr-defined]  # of the form that this stands before
            raise forms.ValidationError(_TOO_MANY_CODES)
        code: str = super().clean_code()  # type: ignore[misc]
        return code


class CodeForm(_FewCodes, AuthenticateForm):  # type: ignore[misc]  # allauth has no types
    """A code of the app after the password, or a recovery code."""


class CodeAgainForm(_FewCodes, ReauthenticateCodeForm):  # type: ignore[misc]  # allauth has no types
    """A code before something changes."""


class PasskeyForm(AddWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """Every passkey here signs in by itself: the device asks for a finger, a face or its PIN."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["passwordless"]
        self.fields["name"].max_length = 60
        self.fields["name"].help_text = "So that you know it again, such as “Laptop” or “Blue key”."

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["passwordless"] = True
        try:
            cleaned: dict[str, Any] = super().clean()
        except _UNREADABLE as error:
            raise forms.ValidationError(_NO_PASSKEY) from error
        return cleaned


class _ReadPasskey:
    """Refuses what is no passkey's answer, where allauth would stumble over it."""

    def clean_credential(self) -> Authenticator:
        try:
            return super().clean_credential()  # type: ignore[misc]  # of the form that this stands before
        except _UNREADABLE as error:
            raise forms.ValidationError(_NO_PASSKEY) from error


class PasskeySignInForm(_ReadPasskey, LoginWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """Signs in by a passkey alone."""


class PasskeyFactorForm(_ReadPasskey, AuthenticateWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """A passkey after the password."""


class PasskeyAgainForm(_ReadPasskey, ReauthenticateWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """A passkey before something changes."""


class NameForm(forms.Form):
    name = forms.CharField(
        label=_("Your name"),
        max_length=LONGEST_PERSONS_NAME,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def clean_name(self) -> str:
        return tidy_name(self.cleaned_data["name"])


class AddressForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username"}),
    )


class FactorNeededForm(forms.Form):
    second_factor_needed = forms.BooleanField(required=False)


class ProviderForm(forms.Form):
    """A company's OpenID Connect provider. `provider` None: a new one."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("On the sign-in button, such as “Okta” or “Google”.")
    )
    issuer = forms.CharField(
        label=_("Issuer"),
        max_length=300,
        help_text=_("The provider’s own address, such as https://example.okta.com or https://accounts.google.com."),
    )
    client_id = forms.CharField(
        label=_("Client id"), max_length=190, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    secret = forms.CharField(
        label=_("Client secret"),
        max_length=500,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    domains = forms.CharField(
        label=_("Domains"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Whose addresses it speaks for, one a line. Subdomains count only if you name them."),
    )
    joins_as = forms.ChoiceField(
        label=_("Who is new joins as"),
        required=False,
        choices=[_NOBODY, *((role.value, role.label) for role in JOINS_AS)],
    )

    def __init__(self, *args: Any, account: Account, provider: SsoProvider | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._account, self._provider = account, provider
        if provider is not None:
            self.fields["secret"].required = False
            self.fields["secret"].help_text = "Kept sealed and never shown. Leave it empty to keep it."

    def clean_issuer(self) -> str:
        return checked(check_issuer, self.cleaned_data["issuer"])

    def clean_domains(self) -> tuple[str, ...]:
        return checked(check_domains, self._account, read_list(self.cleaned_data["domains"]), self._provider)

    @property
    def said(self) -> ProviderSaid:
        return ProviderSaid(**{name: self.cleaned_data[name] for name in ProviderSaid.__struct_fields__})
