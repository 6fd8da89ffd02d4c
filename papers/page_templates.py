"""Pages that are files of their own: nothing of them is loaded from elsewhere, and every text in them is escaped."""

from functools import lru_cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape

from config.settings import HERE


@lru_cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page_template(name: str) -> Template:
    """A template of a page that is a file of its own.

    Args:
        name: of a file in ``config/templates``, which ends in ``.html.j2``: by that its texts are escaped.
    """
    return _templates().get_template(name)
