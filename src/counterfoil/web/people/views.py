"""The pages of users: list, one, add, change, a new password, off and on. What will happen is said first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from counterfoil import clock
from counterfoil.core.refusals import Refusal
from counterfoil.core.sentences import in_small
from counterfoil.flows import people
from counterfoil.flows.people import Person
from counterfoil.records.organisation.models import (
    ApiToken,
    Branch,
    Role,
    SecondFactor,
    SignOnLink,
    User,
    UserBranch,
)
from counterfoil.records.organisation.queries import the_organisation, with_ways_in
from counterfoil.web.access import needs
from counterfoil.web.layout.confirm import Confirmation, confirm_page, is_agreed
from counterfoil.web.layout.editing import posted
from counterfoil.web.layout.history import Beside, history_with
from counterfoil.web.lists.page import list_page
from counterfoil.web.people.forms import UserForm, named, typed_as
from counterfoil.web.people.lists import EVERY_BRANCH, USERS, token_state
from counterfoil.web.saying import said
from counterfoil.web.templatetags.counterfoil import Tab

NOTHING = _("nothing")
LABELS = {
    "username": _("User name"),
    "role": _("Role"),
    "first_name": _("First name"),
    "last_name": _("Last name"),
    "email": _("E-mail"),
    "language": _("Language"),
    "branches": _("Branches"),
}


@needs(Role.ADMINISTRATOR)
def users(request: HttpRequest) -> HttpResponseBase:
    """List them, those switched off too."""
    context = {"new": reverse("user-new"), "new_label": gettext("Add user")}
    return list_page(
        request, listing=USERS, queryset=User.objects.all(), title=gettext("Users and roles"), context=context
    )


@needs(Role.ADMINISTRATOR)
def user(request: HttpRequest, key: int) -> HttpResponse:
    """Show one, with their tokens and history."""
    found: Any = get_object_or_404(with_ways_in(User.objects.all()), pk=key)
    chosen = request.GET.get("tab", "tokens")
    context: dict[str, Any] = {
        "person": found,
        "title": named(found),
        "branches": ", ".join(found.branch_names or ()) or EVERY_BRANCH,
        "tabs": [
            Tab(gettext("API tokens"), "?tab=tokens", chosen == "tokens", found.token_count),
            Tab(gettext("History"), "?tab=history", chosen == "history"),
        ],
        "chosen": chosen,
        "has_second_factor": found.has_factor,
        "is_linked": found.is_linked,
    }
    if chosen == "history":
        limits = UserBranch.pgh_event_model.objects.filter(user_id=found.pk)
        factors = SecondFactor.pgh_event_model.objects.filter(user_id=found.pk)
        links = SignOnLink.pgh_event_model.objects.filter(user_id=found.pk)
        context["history"] = history_with(
            found, Beside(limits, "branch"), Beside(factors, "type"), Beside(links, "provider")
        )
    else:
        context["tokens"] = [
            (token, token_state(token))
            for token in ApiToken.objects.filter(user=found).select_related("user")
        ]
    return render(request, "people/user.html", context)


@needs(Role.ADMINISTRATOR)
def new(request: HttpRequest) -> HttpResponse:
    """Add somebody, and show their first password once."""
    form = UserForm(posted(request))

    def sentence(person: Person) -> str:
        return gettext(
            "%(username)s will be able to sign in as %(role)s. Their first password is shown once, "
            "for you to hand over."
        ) % {"username": person.username, "role": said(in_small(Role(person.role).label))}

    def act(person: Person) -> HttpResponse:
        added, password = people.add_person(person)
        return _password_page(
            request,
            added,
            password=str(password),
            title=gettext("%(name)s was added") % {"name": named(added)},
        )

    return _form_page(
        request,
        form=form,
        title=gettext("New user"),
        verb=gettext("Add user"),
        back=reverse("users"),
        sentence=sentence,
        act=act,
    )


@needs(Role.ADMINISTRATOR)
def edit(request: HttpRequest, key: int) -> HttpResponse:
    """Change somebody's name, role, branches or language."""
    found = get_object_or_404(User, pk=key)
    before = people.person_of(found)
    form = UserForm(posted(request), initial=typed_as(before))
    here = reverse("user", args=[key])

    def act(person: Person) -> HttpResponse:
        changed = people.change_person(found.username, person, by=request.user)  # type: ignore[arg-type]
        messages.success(request, gettext("%(name)s was changed.") % {"name": named(changed)})
        return HttpResponseRedirect(here)

    return _form_page(
        request,
        form=form,
        title=gettext("Edit %(name)s") % {"name": named(found)},
        verb=gettext("Store changes"),
        back=here,
        sentence=lambda _: (
            gettext("Change %(name)s. It holds from their next click on.") % {"name": named(found)}
        ),
        act=act,
        known=found,
    )


@needs(Role.ADMINISTRATOR)
def password(request: HttpRequest, key: int) -> HttpResponse:
    """Give somebody a new password and show it once."""
    found = get_object_or_404(User, pk=key)
    confirmation = Confirmation(
        title=gettext("New password for %(name)s") % {"name": named(found)},
        sentence=gettext(
            "%(name)s gets a new password, which you see once and hand over. The old one stops "
            "working, and they are signed out everywhere."
        )
        % {"name": named(found)},
        verb=gettext("Give new password"),
        back=reverse("user", args=[key]),
    )
    if not is_agreed(request, confirmation):
        return confirm_page(request, confirmation)
    made = people.give_new_password(found)
    return _password_page(
        request, found, password=made, title=gettext("%(name)s has a new password") % {"name": named(found)}
    )


@needs(Role.ADMINISTRATOR)
def forget_second_factor(request: HttpRequest, key: int) -> HttpResponse:
    """Take somebody's second factor away, because the telephone is lost."""
    found = get_object_or_404(User, pk=key)
    here = reverse("user", args=[key])
    needed = found.role in the_organisation().two_factor_roles
    sentence = (
        gettext(
            "The app and the recovery codes of %(name)s stop working, and they are signed out "
            "everywhere. They set up a new one first."
        )
        if needed
        else gettext(
            "The app and the recovery codes of %(name)s stop working, and they are signed out "
            "everywhere. They sign in by password alone until they set up a new one."
        )
    )
    confirmation = Confirmation(
        title=gettext("Take the second factor of %(name)s away") % {"name": named(found)},
        sentence=sentence % {"name": named(found)},
        lasting=gettext("Be sure that it is they who ask: this is how somebody else would get in."),
        verb=gettext("Take second factor away"),
        back=here,
        is_dangerous=True,
    )
    if not is_agreed(request, confirmation):
        return confirm_page(request, confirmation)
    people.forget_second_factor(found)
    messages.success(request, gettext("%(name)s has no second factor any more.") % {"name": named(found)})
    return HttpResponseRedirect(here)


@needs(Role.ADMINISTRATOR)
def switch_off(request: HttpRequest, key: int) -> HttpResponse:
    """Let somebody sign in no more, having said what ends with it."""
    found = get_object_or_404(User, pk=key)
    here = reverse("user", args=[key])
    valid = ApiToken.objects.filter(user=found, revoked_at=None, expires_at__gt=clock.now()).count()
    confirmation = Confirmation(
        title=gettext("Switch %(name)s off") % {"name": named(found)},
        sentence=gettext(
            "%(name)s can no longer sign in, and is signed out everywhere at once. What they did "
            "stays in the history under their name."
        )
        % {"name": named(found)},
        figures=[(gettext("API tokens that stop working"), str(valid))],
        lasting=gettext("They can be switched on again, with the same password and tokens."),
        verb=gettext("Switch user off"),
        back=here,
        is_dangerous=True,
    )
    if not is_agreed(request, confirmation):
        return confirm_page(request, confirmation)
    try:
        people.switch_off(found, by=request.user)  # type: ignore[arg-type]
    except Refusal as refusal:
        messages.error(request, said(refusal))
    else:
        messages.success(request, gettext("%(name)s was switched off.") % {"name": named(found)})
    return HttpResponseRedirect(here)


@needs(Role.ADMINISTRATOR)
def switch_on(request: HttpRequest, key: int) -> HttpResponse:
    """Let somebody sign in again."""
    found = get_object_or_404(User, pk=key)
    here = reverse("user", args=[key])
    confirmation = Confirmation(
        title=gettext("Switch %(name)s on") % {"name": named(found)},
        sentence=gettext(
            "%(name)s can sign in again as %(role)s, with the password and the API tokens they had."
        )
        % {"name": named(found), "role": said(in_small(found.get_role_display()))},
        verb=gettext("Switch user on"),
        back=here,
    )
    if not is_agreed(request, confirmation):
        return confirm_page(request, confirmation)
    people.switch_on(found)
    messages.success(request, gettext("%(name)s was switched on.") % {"name": named(found)})
    return HttpResponseRedirect(here)


def _form_page(
    request: HttpRequest,
    *,
    form: UserForm,
    title: str,
    verb: str,
    back: str,
    sentence: Callable[[Person], str],
    act: Callable[[Person], HttpResponse],
    known: User | None = None,
) -> HttpResponse:
    """Show *form*, then say in words what storing it does, then *act*."""
    if form.is_valid():
        person = form.person
        confirmation = Confirmation(
            title=title,
            sentence=sentence(person),
            figures=_differences(people.person_of(known) if known else None, person),
            verb=verb,
            back=request.path,
            fields=[(name, value) for name in form.fields for value in request.POST.getlist(name)],
        )
        try:
            people.check_person(person, known=known, by=request.user)  # type: ignore[arg-type]
            if not is_agreed(request, confirmation):
                return confirm_page(request, confirmation)
            return act(person)
        except Refusal as refusal:
            form.add_error(None, said(refusal))
    context = {"form": form, "title": title, "verb": verb, "back": back}
    return render(request, "counterfoil/layout/form.html", context)


def _differences(before: Person | None, after: Person) -> list[tuple[str, str]]:
    """Return what is set, or what changes, as pairs (what, before → after)."""
    if before is None:
        return [(str(label), _text(name, after)) for name, label in LABELS.items() if getattr(after, name)]
    changed = [name for name in LABELS if getattr(before, name) != getattr(after, name)]
    pairs = [(str(LABELS[name]), f"{_text(name, before)} → {_text(name, after)}") for name in changed]
    return pairs or [(gettext("Changes"), gettext("none"))]


def _text(name: str, person: Person) -> str:
    if name == "branches":
        return _branches(person.branches)
    value = getattr(person, name)
    return str((Role(value).label if name == "role" else value) or NOTHING)


def _branches(codes: Sequence[str]) -> str:
    names = Branch.objects.filter(code__in=codes).order_by("code").values_list("name", flat=True)
    return ", ".join(names) or str(EVERY_BRANCH)


def _password_page(request: HttpRequest, person: User, *, password: str, title: str) -> HttpResponse:
    context = {
        "person": person,
        "secret": password,
        "title": title,
        "back": reverse("user", args=[person.pk]),
    }
    return _never_kept(render(request, "people/password.html", context))


def _never_kept(answer: HttpResponse) -> HttpResponse:
    """Have no browser and no proxy keep a page that shows a secret."""
    answer["Cache-Control"] = "no-store"
    return answer
