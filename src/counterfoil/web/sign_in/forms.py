"""allauth's forms in our words: labels above the fields say what to type, nothing stands inside them."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm


class SignIn(LoginForm):  # type: ignore[misc]
    """User name or e-mail address, and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {"login": "User name or e-mail", "password": "Password", "remember": "Stay signed in"}
        _label(self, **labels)

    def user_credentials(self) -> dict[str, Any]:
        """Return the credentials, with the name that wrong passwords are counted under: however it is cased."""
        return {**super().user_credentials(), "login": self.cleaned_data["login"].lower()}


class PasswordChange(ChangePasswordForm):  # type: ignore[misc]
    """The password so far, and the new one twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {
            "oldpassword": "Password so far",
            "password1": "New password",
            "password2": "New password again",
        }
        _label(self, **labels)


def _label(form: Any, **labels: str) -> None:
    for name, label in labels.items():
        if name in form.fields:
            form.fields[name].label = label
            form.fields[name].widget.attrs.pop("placeholder", None)
            form.fields[name].error_messages["required"] = "Missing: type it in."
