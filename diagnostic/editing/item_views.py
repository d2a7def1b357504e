"""The content of a version, item by item or file by file, in a form or as YAML. Nothing typed is lost on an error."""

import copy
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from diagnostic.conditions import AUDIENCES
from diagnostic.content import SINGLES, Document
from diagnostic.editing import services, yaml_text
from diagnostic.editing.examine import ERROR, Finding, examine
from diagnostic.editing.exceptions import Conflict, WrongState
from diagnostic.editing.forms import ITEMS, ItemForm
from diagnostic.editing.items import SECTIONS, files_of, in_words, section_name, title_of
from diagnostic.editing.pages import address, editors_only, page, to
from diagnostic.editing.yaml_text import Fault, Faulty
from diagnostic.exceptions import ContentError, Problem
from diagnostic.models import TreeVersion
from guichet.lib.text import fold

NEW = "nouveau"


@editors_only
@require_safe
def content(request: HttpRequest, version: TreeVersion, section: str = "nodes") -> HttpResponse:
    document = services.document_of(version)
    if section not in document.data:
        raise Http404
    search = request.GET.get("q", "")[:80]
    wanted = fold(search)
    items = document.data[section]
    files = [
        {
            "name": name,
            "url": f"{address(version, 'file', section)}?f={name}",
            "rows": [
                {"key": key, "title": title, "url": address(version, "item", section, key)}
                for key in keys
                if (title := title_of(section, key, items[key])) and wanted in fold(f"{key} {title}")
            ],
        }
        for name, keys in files_of(document, section).items()
    ]
    return page(
        request,
        "content",
        version,
        tab="content",
        title=section_name(section),
        section=section,
        sections=[(name == section, words, address(version, "section", name)) for name, words in _sections(document)],
        files=files,
        search=search,
        new=address(version, "item", section, NEW) if version.is_draft else "",
    )


def _sections(document: Document) -> list[tuple[str, str]]:
    return [(name, SECTIONS.get(name, name)) for name in sorted(document.data, key=_place)]


def _place(name: str) -> int:
    return list(SECTIONS).index(name) if name in SECTIONS else len(SECTIONS)


# --- one item or one file -----------------------------------------------------------------------------
@editors_only
@require_http_methods(["GET", "HEAD", "POST"])
def item(request: HttpRequest, version: TreeVersion, section: str, key: str) -> HttpResponse:
    document = services.document_of(version)
    items = document.data.get(section)
    if items is None or (key not in items and (key != NEW or not version.is_draft)):
        raise Http404
    as_form = section in ITEMS and key in items and "yaml" not in request.GET
    return _Edit(request, version, document, section, {key: items[key]} if key in items else {}, key, as_form).answer()


@editors_only
@require_http_methods(["GET", "HEAD", "POST"])
def file(request: HttpRequest, version: TreeVersion, section: str) -> HttpResponse:
    document = services.document_of(version)
    name = request.GET.get("f", "")
    keys = files_of(document, section).get(name) if section in document.data else None
    if keys is None:
        raise Http404
    items = {key: document.data[section][key] for key in keys}
    return _Edit(request, version, document, section, items, "", False, name).answer()


class _Edit:
    """One request on one item (`key`) or one file (`name`)."""

    def __init__(self, request, version, document, section, items, key, as_form, name=""):
        self.request, self.version, self.document = request, version, document
        self.section, self.items, self.key, self.as_form, self.name = section, items, key, as_form, name
        self.faults: list[Fault] = []
        self.may_force = False
        self.text = ""
        self.form = self._form(None) if as_form else None

    def _form(self, data) -> ItemForm:
        published = services.published_document().data.get(self.section, {}).get(self.key)
        return ItemForm(self.section, self.items[self.key], data, published=published)

    def answer(self) -> HttpResponse:
        if self.request.method != "POST":
            self.text = "" if self.as_form else yaml_text.write(self.items) if self.items else ""
            return self.show()
        if not self.version.is_draft:
            raise WrongState("Cette version n’est pas un brouillon : elle ne s’écrit pas.")
        if "remove" in self.request.POST and self.key in self.items:
            return self.save({self.key: None})
        typed = self.typed()
        if typed is None:
            return self.show(422)
        if "force" not in self.request.POST and not self.holds(typed):
            self.may_force = True
            return self.show(422)
        return self.save(typed)

    def typed(self) -> dict[str, Any] | None:
        """What was sent, read; None with the faults noted when it cannot be."""
        if self.as_form:
            self.form = self._form(self.request.POST)
            return {self.key: self.form.value()} if self.form.is_valid() else None
        self.text = self.request.POST.get("text", "")
        try:
            found = yaml_text.read(self.text)
        except Faulty as error:
            self.faults = error.faults
            return None
        self.faults = list(self._misplaced(found))
        return None if self.faults else found

    def _misplaced(self, found: dict[str, Any]):
        """An id is permanent, and belongs to one file."""
        if self.name:
            for key in found:
                if key not in self.items and key in self.document.data[self.section]:
                    yield Fault(0, key, "cet identifiant est déjà écrit dans un autre fichier")
        elif self.key == NEW:
            if len(found) != 1:
                yield Fault(1, "", "écrire un seul élément : son identifiant, puis son contenu")
            yield from (
                Fault(1, key, "cet identifiant existe déjà") for key in found if key in self.document.data[self.section]
            )
        elif list(found) != [self.key]:
            yield Fault(1, "", f"l'identifiant est permanent : ce texte commence par « {self.key}: »")

    def holds(self, typed: dict[str, Any]) -> bool:
        """No error in these items that was not there before, once they are put in place."""
        document = Document(copy.copy(self.document.data), dict(self.document.files))
        gone = self.items.keys() - typed.keys() if self.name else set()
        kept = {key: value for key, value in self.document.data[self.section].items() if key not in gone}
        document.data[self.section] = kept | typed
        errors = [finding for finding in examine(document).findings if finding.level == ERROR]
        mine = [each for each in errors if each.key in typed and each.section in ("", self.section)]
        text = self.text or yaml_text.write(typed)
        problems = [Problem(each.file, each.key, each.message) for each in mine]
        self.faults = yaml_text.located(text, problems, typed)
        others = [each for each in errors if each.key not in typed and self._concerns(each, gone)]
        self.faults += [Fault(0, each.key, each.message) for each in others]
        if self.as_form:
            self.faults = [Fault(0, fault.where, in_words(fault.message)) for fault in self.faults]
        return not self.faults

    def _concerns(self, found: Finding, gone: set[str]) -> bool:
        """Something else names what goes, or a part of this whole section is missing."""
        whole = self.section in SINGLES and found.section == self.section and bool(self.name)
        return whole or any(f"« {key} »" in found.message for key in gone)

    def save(self, typed: dict[str, Any]) -> HttpResponse:
        sent = self.request.POST.get("revision", "")
        revision = int(sent) if sent.isdigit() else -1
        common = {"agent": self.request.user, "draft": self.version, "revision": revision, "section": self.section}
        try:
            if self.name:
                services.change_file(**common, name=self.name, items=typed)
            else:
                key, value = next(iter(typed.items()))
                services.change_item(**common, key=key, value=value)
        except Conflict as error:
            return self.conflict(error)
        except ContentError as error:
            self.faults = [Fault(0, problem.where, problem.message) for problem in error.problems]
            return self.show(422)
        messages.success(self.request, "Enregistré dans le brouillon.")
        if self.name:
            return to(self.version, "section", self.section)
        key, value = next(iter(typed.items()))
        return (
            to(self.version, "section", self.section) if value is None else to(self.version, "item", self.section, key)
        )

    def conflict(self, error: Conflict) -> HttpResponse:
        """The text typed stays; what the other person saved is shown beside it."""
        self.version.refresh_from_db()
        self.faults = [Fault(0, "", str(error))]
        fresh = services.document_of(self.version).data[self.section]
        theirs = {key: fresh[key] for key in self.items if key in fresh}
        return self.show(409, theirs=yaml_text.write(theirs) if theirs else "Cet élément a été retiré.")

    def show(self, status: int = 200, **more) -> HttpResponse:
        one = self.items.get(self.key)
        return page(
            self.request,
            "edit",
            self.version,
            tab="content",
            status=status,
            title=self.name or (title_of(self.section, self.key, one) if one is not None else "Nouvel élément"),
            section=self.section,
            section_words=section_name(self.section),
            section_url=address(self.version, "section", self.section),
            key=self.key,
            name=self.name,
            form=self.form,
            text=self.text,
            rows=min(40, max(12, self.text.count("\n") + 2)),
            faults=self.faults,
            source=self._source(),
            may_force=self.may_force,
            names=self._ids() if self.as_form else {},
            other_way=self._other_way(),
            **more,
        )

    def _source(self) -> list[tuple[int, str, str]]:
        """(number, line, what is wrong there), only when something is."""
        lines = {fault.line: fault.message for fault in self.faults if fault.line}
        if not lines:
            return []
        return [(number, line, lines.get(number, "")) for number, line in enumerate(self.text.splitlines(), 1)]

    def _other_way(self) -> str:
        if self.section not in ITEMS or self.key not in self.items:
            return ""
        url = address(self.version, "item", self.section, self.key)
        return f"{url}?yaml" if self.as_form else url

    def _ids(self) -> dict[str, list[tuple[str, str]]]:
        data = self.document.data
        found = {
            name: [(key, title_of(name, key, value)) for key, value in data[name].items()]
            for name in ("nodes", "threats", "facts", "channels", "pages", "evidence", "offences", "actions")
        }
        messages_ = data["settings"].get("urgent_messages", {})
        found["urgent"] = [(key, title_of("", key, value)) for key, value in messages_.items()]
        found["groups"] = [(name, "") for name in data["speech"].get("groups", {})]
        found["audiences"] = [(name, name) for name in AUDIENCES]
        return found
