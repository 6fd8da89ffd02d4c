"""What code and documents cite is there: sections of ``docs/domain.md``, numbers of ``docs/architecture.md``, files and
headings behind relative links.
"""

import re
from pathlib import Path
from pkgutil import resolve_name

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("cli", "config", "db", "flows", "foresight", "intake", "letters", "papers", "plan", "rules", "tasks", "text")
DOMAIN = ROOT / "docs" / "domain.md"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("config/**/*.md")])
_CITED = re.compile(r"domain\.md\s+(\d+(?:\.\d+)?(?:,\s*\d+(?:\.\d+)?)*)")
_PROMISED = re.compile(r"\barchitecture\s+(\d+(?:,\s*\d+)*)")
_PROMISE = re.compile(r"^(\d+)\. \*\*", re.MULTILINE)
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*$", re.MULTILINE)
_LINK = re.compile(r"\]\(([^()\s]+)\)")
_DOTTED = re.compile(rf"`((?:{'|'.join(ROOMS)})(?:\.\w+)+)`")
_PATH = re.compile(rf"`((?:{'|'.join(ROOMS)}|tests|bench|docs)/[\w./-]*)`")
_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def _sources() -> list[Path]:
    return [path for room in ROOMS for kind in ("*.py", "*.yaml", "*.j2") for path in sorted((ROOT / room).rglob(kind))]


def _citations(pattern: re.Pattern[str]) -> list[tuple[str, str]]:
    return [
        (str(path.relative_to(ROOT)), section)
        for path in _sources()
        for cited in pattern.findall(path.read_text(encoding="utf-8"))
        for section in re.split(r",\s*", cited)
    ]


def _prose(path: Path) -> str:
    return _FENCED.sub("", path.read_text(encoding="utf-8"))


def _anchors(path: Path) -> set[str]:
    """The anchors that both a repository's page and the reference site give to the headings of a document."""
    words = (re.sub(r"[^\w\s-]", "", heading.lower()) for heading in _HEADING.findall(_prose(path)))
    return {re.sub(r"[\s]+", "-", heading.strip()) for heading in words}


def test_every_section_of_the_field_that_code_cites_has_its_heading():
    sections = {heading.split(" ")[0].rstrip(".") for heading in _HEADING.findall(_prose(DOMAIN))}
    cited = _citations(_CITED)

    assert len(cited) >= 10
    assert [(where, section) for where, section in cited if section not in sections] == []


def test_every_promise_that_code_cites_stands_in_the_architecture():
    text = _prose(DOMAIN.with_name("architecture.md"))
    promises = _PROMISE.findall(text[text.index("## What always holds") : text.index("## How it lives in Prefect")])
    cited = _citations(_PROMISED)

    assert promises == [str(number) for number in range(1, len(promises) + 1)]
    assert len(cited) >= 10
    assert [(where, number) for where, number in cited if number not in promises] == []


def test_every_source_that_the_field_names_is_listed():
    listed = set(re.findall(r"\b[SGCF]\d+b?\b", _prose(DOMAIN.with_name("domain-sources.md"))))
    for first, last in re.findall(r"\b(C\d+|S\d+|G\d+)–\w(\d+)", _prose(DOMAIN.with_name("domain-sources.md"))):
        width = len(first) - 1
        listed |= {f"{first[0]}{number:0{width}}" for number in range(int(first[1:]), int(last) + 1)}

    brackets = re.findall(r"\[([^\]]+)\](?!\()", _prose(DOMAIN))
    named = {code for bracket in brackets for code in re.findall(r"\b[SGCF]\d+b?\b", bracket)}

    assert len(named) >= 100
    assert named - listed == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_of_a_document_leads_somewhere(document):
    broken = []
    for link in _LINK.findall(_prose(document)):
        target, _, anchor = link.partition("#")
        if "://" in link or link.startswith("mailto:"):
            continue
        path = (document.parent / target).resolve() if target else document
        if not path.exists() or (anchor and anchor not in _anchors(path)):
            broken.append(link)

    assert broken == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_that_a_document_names_exists(document):
    named = _PATH.findall(_prose(document))

    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_function_and_module_that_the_architecture_names_is_there():
    named = sorted(set(_DOTTED.findall(_prose(DOMAIN.with_name("architecture.md")))))
    missing = []
    for name in named:
        try:
            resolve_name(name)
        except (ImportError, AttributeError):
            missing.append(name)

    assert len(named) >= 50
    assert missing == []
