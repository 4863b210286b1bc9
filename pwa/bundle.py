"""All files of a provider's app, from what the provider says of itself.

The application itself is built once a release and shared (``static/built``); what is the
provider's own is here. The same input gives the same bytes.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import HashedFilesMixin, staticfiles_storage
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse

from pwa.icons import APPLE, FAVICON, FILES, SMALL, draw_icons
from pwa.palette import DARK, INK, LIGHT, Palette, Scheme, palette_of
from pwa.screenshots import NARROW, WIDE, screenshots

API = "/api/v1/public/"
APP, STYLE, WORKER = "built/app.js", "built/app.css", "built/worker.js"
# Which parts the application has besides (tools/build_client.mjs).
PARTS = "built/app.json"
BESIDES = ("favicon.png", "apple-touch-icon.png")
"""Icons that the page names itself."""

SHORTCUTS = {"Join": "", "Book": "book", "My ticket": "ticket"}
LOGO = "logo.png"
"""The picture that icons were made of, so that a version can be made anew."""

Step = Literal["icons", "bundle", "published"]
# What a launcher shows under an icon without cutting it.
SHORT_NAME = 12
HASH_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Look:
    """What makes a provider's app its own; ``colour`` is written like #005956, ``logo`` a PNG."""

    slug: str
    name: str
    colour: str
    logo: bytes | None
    streams_url: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where an app is served; by default on the platform, whatever the host name."""

    platform: str = ""
    """The platform's origin, where that is another than the app's."""
    shell: str = ""
    """The folder of the shared files, where it is another than the platform's."""

    def shared(self, name: str) -> str:
        """The address of a shared file."""
        return self._at(static(name))

    def part(self, name: str) -> str:
        """That of a part; parts name each other, so they are served under the names they have."""
        return self._at(urljoin(settings.STATIC_URL, name))

    def _at(self, address: str) -> str:
        return f"{self.shell}/{address.rpartition('/')[2]}" if self.shell else address


HERE = Place()


def bundle(
    look: Look, *, place: Place = HERE, tell: Callable[[Step], None] = lambda _: None
) -> dict[str, bytes]:
    """The files of the app by their paths in its folder; ``tell`` hears what is being made.

    Raises:
        ValueError: the client was not built or its files were not collected.
    """
    tell("icons")
    palette = palette_of(look.colour)
    theme = theme_css(palette).encode()
    theme_name = f"theme.{_hash(theme)}.css"
    icons = draw_icons(
        name=look.name,
        fill=palette.light.fill,
        on_fill=palette.light.on_fill,
        logo=look.logo,
    )
    shots = screenshots(name=look.name, ground=LIGHT.grounds[0], ink=INK, scheme=palette.light)
    tell("bundle")
    files = {f"icons/{name}": content for name, content in icons.items()}
    files[theme_name] = theme
    files["manifest.webmanifest"] = _json(manifest(look, palette))
    files["index.html"] = _index(look, palette, theme_name, place)
    files["sw.js"] = _worker(files, place)
    # Browsers ask for these before they install, and never again.
    files |= {f"screenshots/{name}": content for name, content in shots.items()}
    if look.logo is not None:
        files[LOGO] = look.logo
    tell("published")
    return files


def release() -> str:
    """Names the shared files as they are now; an app made with others has to be made anew."""
    shared = [f"{static(name)} {_revision(name)}" for name in (APP, STYLE, WORKER)]
    return _hash("\n".join(shared).encode())


def digest_of(files: Mapping[str, bytes]) -> str:
    """SHA-256, in hex, of all names and contents."""
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def theme_css(palette: Palette) -> str:
    """The brand's colours as custom properties: light, and dark where the system is."""
    dark = f"@media (prefers-color-scheme: dark) {{\n{_rule(palette.dark)}}}\n"
    return _rule(palette.light) + dark


def _rule(scheme: Scheme) -> str:
    properties = {
        "fill": scheme.fill,
        "on-fill": scheme.on_fill,
        "text": scheme.text,
        "line": scheme.line,
        "tint": scheme.tint,
        "on-tint": scheme.on_tint,
    }
    lines = "".join(f"  --brand-{name}: {colour};\n" for name, colour in properties.items())
    return f":root {{\n{lines}}}\n"


def manifest(look: Look, palette: Palette) -> dict[str, Any]:
    """The web app manifest (W3C); addresses are relative, so that any folder will do."""
    return {
        "id": reverse("app", args=[look.slug]),
        "name": look.name,
        "short_name": short_name(look.name),
        "description": f"Join the queue of {look.name}, see your place, come when it is your turn.",
        "start_url": "./",
        "scope": "./",
        "display": "standalone",
        "theme_color": palette.light.fill,
        "background_color": LIGHT.grounds[0],
        "lang": "en",
        "dir": "auto",
        "icons": [
            {
                "src": f"icons/{name}",
                "sizes": f"{side}x{side}",
                "type": "image/png",
                "purpose": purpose,
            }
            for name, (side, purpose) in FILES.items()
            if name not in BESIDES
        ],
        "shortcuts": [
            {
                "name": name,
                "url": f"./#/{route}",
                "icons": [{"src": "icons/icon-192.png", "sizes": f"{SMALL}x{SMALL}"}],
            }
            for name, route in SHORTCUTS.items()
        ],
        "screenshots": [
            {
                "src": f"screenshots/{form}.png",
                "sizes": f"{width}x{height}",
                "type": "image/png",
                "form_factor": form,
                "label": "Your place in the queue",
            }
            for form, (width, height) in {"narrow": NARROW, "wide": WIDE}.items()
        ],
    }


def short_name(name: str) -> str:
    """As many whole words of the name as fit under an icon, at least a part of the first."""
    shown = ""
    for word in name.split():
        longer = f"{shown} {word}".strip()
        if len(longer) > SHORT_NAME:
            break
        shown = longer
    return shown.rstrip(" &,-–+") or name[:SHORT_NAME].strip()


def _index(look: Look, palette: Palette, theme_name: str, place: Place) -> bytes:
    context = {
        "name": look.name,
        "pages": place.platform + reverse("customer-home", args=[look.slug]),
        "app": place.shared(APP),
        "style": place.shared(STYLE),
        "theme": theme_name,
        "parts": [place.part(name) for name in parts_of_app()["eager"]],
        "light": palette.light.fill,
        "dark": DARK.grounds[0],
        "apple_side": APPLE,
        "favicon_side": FAVICON,
        # On the platform it is a header.
        "policy": _policy(look, place) if place.platform else "",
        "config": {
            "provider": {"slug": look.slug, "name": look.name},
            "api": place.platform + API,
            "streams": urljoin(place.platform, look.streams_url),
        },
    }
    return render_to_string("pwa/app/index.html", context).encode()


def content_security_policy(*connects: str) -> str:
    """What an app may load: its own, the release's, and what it connects to besides."""
    connect = " ".join(("'self'", *connects))
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        f"font-src 'self'; connect-src {connect}; manifest-src 'self'; "
        "worker-src 'self'; base-uri 'none'; form-action 'none'"
    )


def origin_of(address: str) -> str:
    """Scheme, host and port; empty where the address names no host."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def _policy(look: Look, place: Place) -> str:
    streams = origin_of(urljoin(place.platform, look.streams_url))
    return content_security_policy(*dict.fromkeys((place.platform, streams)))


def _worker(files: Mapping[str, bytes], place: Place) -> bytes:
    """The service worker's entry: what to keep on the phone, then the worker of the release."""
    own = [{"url": name, "revision": _hash(files[name])} for name in sorted(files)]
    shared = [{"url": place.shared(name), "revision": _revision(name)} for name in (APP, STYLE)]
    parts = [{"url": place.part(name), "revision": None} for name in parts_of_app()["parts"]]
    kept = json.dumps(own + shared + parts, separators=(",", ":"))
    worker = json.dumps(place.shared(WORKER))
    return f"self.__precache = {kept};\nimportScripts({worker});\n".encode()


def parts_of_app() -> dict[str, list[str]]:
    """The names of the application's parts: those that it starts with, and all."""
    if isinstance(staticfiles_storage, HashedFilesMixin):
        with staticfiles_storage.open(PARTS) as file:
            return dict(json.load(file))
    path = finders.find(PARTS)
    if path is None:
        raise ValueError(f"{PARTS} is missing: the client was not built.")
    return dict(json.loads(Path(path).read_text()))


def _revision(name: str) -> str | None:
    """None where the address has the content's hash in it already."""
    if isinstance(staticfiles_storage, HashedFilesMixin):
        return None
    path = finders.find(name)
    return "" if path is None else _hash(Path(path).read_bytes())


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:HASH_LENGTH]


def _json(document: Mapping[str, Any]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()
