"""What people read can be translated: everything in the templates is marked, and a catalogue changes the pages."""

from __future__ import annotations

import gettext
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest
from django.utils.translation import trans_real
from django.utils.translation.trans_real import reset_cache
from pytest_django import Settings

from ringtrace.web.languages import languages_in
from tests.doors.cast import Cast

_TOOL = Path(__file__).parents[2] / "tools/mark-for-translation"


def _tool() -> ModuleType:
    loader = SourceFileLoader("mark_for_translation", str(_TOOL))
    spec = spec_from_loader(loader.name, loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


def test_every_template_is_marked() -> None:
    tool = _tool()
    left = [path.name for path in tool.TEMPLATES.rglob("*.html") if tool.marked(path.read_text()) != path.read_text()]
    assert left == [], "run tools/mark-for-translation"


@pytest.mark.parametrize(
    ("source", "marked"),
    [
        ("<p>Some words</p>", '<p>{% translate "Some words" %}</p>'),
        ("<p> He said\n “no” </p>", '<p> {% translate "He said “no”" %} </p>'),
        ('<p>Say "no"</p>', "<p>{% translate 'Say \"no\"' %}</p>"),
        ("<td>{{ x }} · 5</td>", "<td>{{ x }} · 5</td>"),
        (
            "<td>at {{ x.y|at:zone }} by {{ name }}</td>",
            "<td>{% blocktranslate with y=x.y|at:zone %}at {{ y }} by {{ name }}{% endblocktranslate %}</td>",
        ),
        (
            '<a title="A word" href="/a b/">{% if x %}one{% endif %}</a>',
            """<a title="{% translate 'A word' %}" href="/a b/">{% if x %}{% translate "one" %}{% endif %}</a>""",
        ),
        ("<code>ringtrace serve</code>", "<code>ringtrace serve</code>"),
        ("<b{% if x %} class='two words'{% endif %}>&amp;</b>", "<b{% if x %} class='two words'{% endif %}>&amp;</b>"),
    ],
)
def test_it_marks_runs_of_text_and_leaves_the_rest(source: str, marked: str) -> None:
    tool = _tool()
    assert tool.marked(source) == marked
    assert tool.marked(marked) == marked


class _Bracketed(gettext.NullTranslations):
    """A language in which everything stands in brackets."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)

    def language(self) -> str:
        return "de"

    def to_language(self) -> str:
        return "de"


def test_it_speaks_the_readers_language_where_there_is_a_catalogue(
    cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch")]
    reset_cache(setting="LANGUAGES")
    monkeypatch.setitem(vars(trans_real)["_translations"], "de", _Bracketed())
    page = cast.alice.get("/calls/", headers={"Accept-Language": "de"}).content.decode()
    for said in ("⟦Calls⟧", "⟦Sources⟧", "⟦Answered⟧", "⟦Search⟧", "⟦Skip to the content⟧"):
        assert said in page, said
    assert '<html lang="de">' in page
    english = cast.alice.get("/calls/", headers={"Accept-Language": "fr"}).content.decode()
    assert "⟦" not in english


@pytest.fixture(autouse=True)
def _forgets_languages() -> Iterator[None]:
    yield
    reset_cache(setting="LANGUAGES")


def test_it_knows_the_languages_that_have_a_catalogue(tmp_path: Path) -> None:
    for folder in ("pt_BR", "de"):
        path = tmp_path / folder / "LC_MESSAGES"
        path.mkdir(parents=True)
        (path / "django.mo").touch()
    assert languages_in([tmp_path]) == [("en", "English"), ("de", "Deutsch"), ("pt-br", "Português Brasileiro")]
    assert languages_in([tmp_path / "nothing"]) == [("en", "English")]
