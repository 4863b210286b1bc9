"""How every form looks, those of libraries included."""

from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    """A form as a summary of its errors and its fields, each a component."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"
