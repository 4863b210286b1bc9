"""How every form looks, those of libraries included, and numbers out of requests."""

from django.forms.renderers import TemplatesSetting

# So many digits fit into 64 bits, whichever they are.
MOST_DIGITS = 18


class FormRenderer(TemplatesSetting):
    """A form as a summary of its errors and its fields, each a component."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"


def whole_number(text: str) -> int | None:
    """A whole number that came with a request, as an id does; None if no column could hold it."""
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else None
