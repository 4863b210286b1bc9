"""The provider's own site: which of its pages may show the app, and what to put into them."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods

from console.views.guard import for_members
from providers.actors import Actor
from providers.models import Role
from pwa.selectors import embedding_origins
from pwa.services.embedding import embedding_sites_set
from waitlessq.errors import InvalidInputError

SCRIPT = '<script async src="{script}" data-provider="{slug}" data-open="{open}"></script>'
FRAME = (
    '<iframe src="{app}embed#/{fragment}" title="{title}" width="100%" height="640" '
    'sandbox="allow-scripts allow-same-origin allow-forms allow-downloads allow-popups '
    'allow-popups-to-escape-sandbox" allow="screen-wake-lock"></iframe>'
)
LINK = '<a href="{pages}">{title}</a>'


class SitesForm(forms.Form):
    """The sites, one a line."""

    sites = forms.CharField(
        label=gettext_lazy("Your sites"),
        help_text=gettext_lazy("One a line, like https://www.example.com. Only they can show it."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "ltr", "spellcheck": "false"}),
    )


@require_http_methods(["GET", "POST"])
@for_members(Role.MANAGER)
def site(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Shows the sites and what to put into their pages, or keeps other sites."""
    if request.method != "POST":
        form = SitesForm(initial={"sites": "\n".join(embedding_origins())})
        return render(request, "console/site.html", _context(request, actor, form))
    form = SitesForm(request.POST)
    # Anything is a text; which lines are sites the service says.
    form.is_valid()
    try:
        lines = form.cleaned_data["sites"].splitlines()
        embedding_sites_set(actor=actor, sites=[line for line in lines if line.strip()])
    except InvalidInputError as error:
        form.add_error("sites", error.data["errors"][0]["message"])
        context = _context(request, actor, form)
        return render(request, "console/site.html", context, status=error.status)
    messages.success(request, gettext("Saved."))
    return redirect("console-app-site", actor.provider.slug)


def _context(request: HttpRequest, actor: Actor, form: SitesForm) -> dict[str, Any]:
    slug = actor.provider.slug
    script = urlsplit(request.build_absolute_uri(static("built/embed.js")))
    names = {
        # By its plain name, which stays what it is from release to release.
        "script": script._replace(path="/static/built/embed.js").geturl(),
        "app": request.build_absolute_uri(reverse("app", args=[slug])),
        "pages": request.build_absolute_uri(reverse("customer-home", args=[slug])),
        "slug": slug,
    }
    join = names | {"open": "join", "fragment": "", "title": gettext("Join the queue")}
    book = names | {"open": "book", "fragment": "book", "title": gettext("Book a time")}
    return {
        "provider": actor.provider,
        "screen": "app",
        "form": form,
        "snippets": [
            ("join", gettext("To join the queue"), SCRIPT.format(**join)),
            ("book", gettext("To book a time"), SCRIPT.format(**book)),
            ("frame", gettext("Without script: a frame"), FRAME.format(**join)),
            ("link", gettext("A link to pages that need no script"), LINK.format(**join)),
        ],
    }
