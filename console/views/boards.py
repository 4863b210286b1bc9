"""Boards: which screens show what, and pairing a screen with its board."""

from decimal import Decimal
from http import HTTPStatus
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from console.views.guard import for_members
from providers.actors import Actor
from providers.errors import NameTakenError
from providers.models import Role
from queues import selectors
from queues.models import Board, Queue
from queues.services import boards as services
from waitlessq.errors import InvalidInputError

QUEUES_PROBLEM = gettext_lazy("Choose up to %(most)d queues of one location.")


class QueueChoice(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Queues, each with its location."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name}, {obj.location.name}"


class BoardForm(forms.Form):
    """How a board is set up."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=50, help_text=gettext_lazy("Where it hangs.")
    )
    queues = QueueChoice(
        label=gettext_lazy("Queues"),
        queryset=Queue.objects.none(),
        widget=forms.CheckboxSelectMultiple,
    )
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Languages to show and speak"),
        choices=settings.LANGUAGES,
        widget=forms.CheckboxSelectMultiple,
    )
    inches = forms.IntegerField(
        label=gettext_lazy("Screen size in inches"),
        validators=[MinValueValidator(10), MaxValueValidator(120)],
    )
    metres = forms.DecimalField(
        label=gettext_lazy("Farthest seat in metres"),
        max_digits=3,
        decimal_places=1,
        validators=[MinValueValidator(Decimal(1)), MaxValueValidator(Decimal(40))],
    )
    notice = forms.CharField(
        label=gettext_lazy("Notice"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("Shown below the numbers. You may leave it empty."),
    )

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        queues = selectors.queues_for(actor).prefetch_related(None).select_related("location")
        self.fields["queues"].queryset = queues.order_by("location__name", "name")  # type: ignore[attr-defined]


@require_safe
@for_members(Role.VIEWER)
def boards(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The boards and whether a screen is paired with each."""
    rows = selectors.boards_for(actor).order_by("location__name", "name")
    context = _common(actor) | {"boards": rows, "may_change": actor.may(Role.MANAGER)}
    return render(request, "console/boards.html", context)


@require_http_methods(["GET", "POST"])
@for_members(Role.MANAGER)
def add(request: HttpRequest, actor: Actor) -> HttpResponse:
    """A new board."""
    if request.method != "POST":
        first = {"languages": [settings.LANGUAGE_CODE], "inches": 55, "metres": 8}
        return _form_page(request, actor, BoardForm(actor, initial=first))
    form = BoardForm(actor, request.POST)
    made = _saved(form, lambda fields: services.board_create(actor=actor, **fields))
    if made is None:
        return _form_page(request, actor, form, status=HTTPStatus.BAD_REQUEST)
    return redirect("console-board", actor.provider.slug, made.pk)


@require_http_methods(["GET", "POST"])
@for_members(Role.MANAGER)
def board(request: HttpRequest, actor: Actor, board_id: int) -> HttpResponse:
    """One board: its screen, and its settings."""
    found = _board(actor, board_id)
    if request.method != "POST":
        return _form_page(request, actor, _form_of(actor, found), found)
    form = BoardForm(actor, request.POST)
    made = _saved(
        form, lambda fields: services.board_update(actor=actor, board_id=board_id, **fields)
    )
    if made is None:
        return _form_page(request, actor, form, found, status=HTTPStatus.BAD_REQUEST)
    messages.success(request, gettext("Saved."))
    return redirect("console-board", actor.provider.slug, board_id)


@require_POST
@for_members(Role.MANAGER)
def pair(request: HttpRequest, actor: Actor, board_id: int) -> HttpResponse:
    """The screen that shows the typed code becomes this board."""
    found = _board(actor, board_id)
    code = request.POST.get("code", "")
    try:
        services.board_pair(actor=actor, board_id=board_id, code=code)
    except InvalidInputError:
        problem = gettext("No screen shows this code. Look at the screen: it may have a new one.")
        context = {"code": code, "code_problem": problem}
        form = _form_of(actor, found)
        return _form_page(request, actor, form, found, HTTPStatus.BAD_REQUEST, context)
    messages.success(request, gettext("Paired. The screen shows the board in a moment."))
    return redirect("console-board", actor.provider.slug, board_id)


@require_POST
@for_members(Role.MANAGER)
def unpair(request: HttpRequest, actor: Actor, board_id: int) -> HttpResponse:
    """Its screen shows nothing of it any more."""
    _board(actor, board_id)
    services.board_unpair(actor=actor, board_id=board_id)
    messages.success(request, gettext("The screen is not paired any more, and says so."))
    return redirect("console-board", actor.provider.slug, board_id)


@require_POST
@for_members(Role.MANAGER)
def remove(request: HttpRequest, actor: Actor, board_id: int) -> HttpResponse:
    """The board is gone; its screen says so."""
    name = _board(actor, board_id).name
    services.board_remove(actor=actor, board_id=board_id)
    messages.success(request, gettext("%(name)s is removed.") % {"name": name})
    return redirect("console-boards", actor.provider.slug)


def _board(actor: Actor, board_id: int) -> Board:
    found = selectors.boards_for(actor).filter(pk=board_id).first()
    if found is None:
        raise Http404
    return found


def _form_of(actor: Actor, found: Board) -> BoardForm:
    names = ("name", "languages", "inches", "metres", "notice")
    initial = {name: getattr(found, name) for name in names}
    return BoardForm(actor, initial=initial | {"queues": list(found.queues.all())})


def _saved(form: BoardForm, save: Any) -> Board | None:
    """What the service made of a form; None when the form now says what is wrong."""
    if not form.is_valid():
        return None
    fields = form.cleaned_data | {"queues": list(form.cleaned_data["queues"])}
    try:
        saved: Board = save(fields)
    except NameTakenError:
        form.add_error("name", gettext("Another board has this name."))
    except InvalidInputError:
        form.add_error("queues", QUEUES_PROBLEM % {"most": services.MOST_QUEUES})
    else:
        return saved
    return None


def _form_page(
    request: HttpRequest,
    actor: Actor,
    form: BoardForm,
    found: Board | None = None,
    status: HTTPStatus = HTTPStatus.OK,
    context: dict[str, Any] | None = None,
) -> HttpResponse:
    address = request.build_absolute_uri(reverse("board"))
    whole = _common(actor) | {"form": form, "board": found, "address": address} | (context or {})
    return render(request, "console/board.html", whole, status=status)


def _common(actor: Actor) -> dict[str, Any]:
    return {"provider": actor.provider, "screen": "app"}
