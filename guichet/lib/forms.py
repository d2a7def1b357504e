"""How every form of the house is drawn: through our component partials."""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    field_template_name = "components/_field.html"
