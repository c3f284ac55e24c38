"""allauth's forms in our words: labels above the fields say what to type, nothing stands inside them."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from axes.handlers.proxy import AxesProxyHandler
from cryptography.fernet import InvalidToken
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class SignIn(LoginForm):  # type: ignore[misc]
    """User name or e-mail address, and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {
            "login": gettext("User name or e-mail"),
            "password": gettext("Password"),
            "remember": gettext("Stay signed in"),
        }
        _label(self, **labels)

    def user_credentials(self) -> dict[str, Any]:
        """Return the credentials, with the name that wrong passwords are counted under: however it is cased."""
        return {**super().user_credentials(), "login": self.cleaned_data["login"].lower()}


class PasswordChange(ChangePasswordForm):  # type: ignore[misc]
    """The password so far, and the new one twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {
            "oldpassword": gettext("Password so far"),
            "password1": gettext("New password"),
            "password2": gettext("New password again"),
        }
        _label(self, **labels)


class _CodesAreCounted:
    """Wrong codes are counted as wrong passwords are, in the database: too many lock the name out."""

    user: Any
    fields: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label(self, code=gettext("Code from your app, or a recovery code"))

    def clean_code(self) -> str:
        request, credentials = context.request, {"login": self.user.get_username().lower()}
        if not AxesProxyHandler.is_allowed(request, credentials):
            raise ValidationError(LOCKED)
        try:
            return str(super().clean_code())  # type: ignore[misc]
        except InvalidToken as error:
            raise ValidationError(UNREADABLE) from error
        except ValidationError:
            AxesProxyHandler.user_login_failed(type(self), credentials, request)
            raise


class SecondFactor(_CodesAreCounted, AuthenticateForm):  # type: ignore[misc]
    """The code after the password."""


class SecondFactorAgain(_CodesAreCounted, ReauthenticateForm):  # type: ignore[misc]
    """The code once more, before something that needs it."""


LOCKED = _("Too many wrong codes. Wait a quarter of an hour, then try again.")
UNREADABLE = _(
    "Your second factor cannot be read, because this server's secret key is another one now. "
    "Ask an administrator to take it away, then set it up again."
)


def _label(form: Any, **labels: str) -> None:
    for name, label in labels.items():
        if name in form.fields:
            form.fields[name].label = label
            form.fields[name].widget.attrs.pop("placeholder", None)
            form.fields[name].error_messages["required"] = gettext("Missing: type it in.")
