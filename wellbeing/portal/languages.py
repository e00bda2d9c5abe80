"""Sentences in the reader's language, cheaply: a template is compiled once for each language.

Half of what a page cost was looking up, one by one, sentences that are the same on every page. Now
they stand in the compiled template as if they had been written there. What forms and filters say
is found in one dictionary. Which language a reader wants is decided in `pages`.
"""

from __future__ import annotations

from typing import Any, cast

from flask import Flask
from flask.templating import Environment
from flask_babel import Babel, Domain, get_locale
from jinja2 import Template, nodes, pass_context
from jinja2.environment import TemplateModule
from jinja2.runtime import Context
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

SAYS = frozenset({"_", "gettext"})
OUTSIDE = "zh"
"""What is spoken where nobody asks: no request, no page."""


class Sentences(Domain):
    """Flask-Babel's domain, which keeps the catalogue of each language at hand."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Flask-Babel's
        self._catalogues: dict[str, Any] = {}

    def say(self, sentence: str, language: str) -> str:
        """Translate one sentence; it stays as it is where the catalogue does not know it."""
        known = self._catalogues.get(language)
        if known is None:
            known = self.get_translations()  # type: ignore[no-untyped-call]  # Flask-Babel's
            # Outside of the application there is no catalogue, and none to remember.
            if get_locale() is not None:
                self._catalogues[language] = known
        return cast("str", known.gettext(sentence))

    def gettext(self, string: str, **variables: Any) -> str:
        """Translate into the language of this request, and fill in what varies."""
        said = self.say(string, spoken())
        return said % variables if variables else said


class Page(Template):
    """A template whose macros are made once: no page hands it globals of its own."""

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        # Jinja's own compares the globals of both sides at each import, several times a page.
        del ctx
        return super()._get_default_module()


class Templates(Environment):
    """Flask's environment; behind it one for each language, with its own compiled templates."""

    template_class = Page
    sentences: Sentences
    language: str | None = None
    """None: the environment that the application sees, and that asks the reader's."""

    def __init__(self, app: Flask, **options: Any) -> None:
        super().__init__(app, **options)
        self._of: dict[str, Templates] = {}

    def _load_template(self, name: str, globals: Any) -> Template:  # noqa: A002 - Jinja's word
        if self.language is None:
            one = self._speaking(spoken())
            return one._load_template(name, globals)  # noqa: SLF001 - the same class
        return super()._load_template(name, globals)

    def _generate(self, source: nodes.Template, *names: Any, **options: Any) -> str:
        if self.language is not None:
            source = _Spoken(self.sentences, self.language).visit(source)
        return super()._generate(source, *names, **options)

    def _speaking(self, language: str) -> Templates:
        # Made at the first page: by then every filter and every global is there to be shared.
        if language not in self._of:
            made = self.overlay()
            made.language = language
            self._of[language] = made
        return self._of[language]


class _Spoken(NodeTransformer):
    """Put the sentence itself where a template asks for it; what varies is asked at each page."""

    def __init__(self, sentences: Sentences, language: str) -> None:
        self._sentences, self._language = sentences, language

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - Jinja's visitor
        self.generic_visit(node)
        if not (isinstance(node.node, nodes.Name) and node.node.name in SAYS):
            return node
        if node.kwargs or node.dyn_args or node.dyn_kwargs or len(node.args) != 1:
            return node
        (asked,) = node.args
        if not (isinstance(asked, nodes.Const) and isinstance(asked.value, str)):
            return node
        # As Jinja's own: a sentence is markup, and its percent signs are doubled.
        said = self._sentences.say(asked.value, self._language) % {}
        return nodes.MarkSafeIfAutoescape(nodes.Const(said), lineno=node.lineno)


def prepare(app: Flask) -> None:
    """Give the application templates in languages; before anything asks for its environment."""
    app.jinja_environment = Templates  # type: ignore[assignment]  # Flask's way


def init_app(app: Flask, *, babel: Babel) -> None:
    """Let Flask-Babel and the templates find their sentences here; after Flask-Babel's own."""
    sentences = Sentences()
    vars(babel)["domain_instance"] = sentences
    cast("Templates", app.jinja_env).sentences = sentences

    @pass_context
    def say(context: Context, sentence: str, **variables: Any) -> str:
        language = cast("Templates", context.environment).language or spoken()
        said = sentences.say(sentence, language)
        # As Jinja's own newstyle gettext: what is filled in is escaped.
        return (Markup(said) if context.eval_ctx.autoescape else said) % variables  # noqa: S704 - of the catalogue

    app.jinja_env.globals.update(dict.fromkeys(SAYS, say))


def spoken() -> str:
    """Tell the language that is spoken now: the reader's, unless a view forces another."""
    locale = get_locale()
    return locale.language if locale else OUTSIDE
