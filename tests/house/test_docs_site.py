"""The site builds without a warning and without a network, and shows what it should (``make test-docs``)."""

from __future__ import annotations

import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest

from tests.helpers.pages import PAGES, ROOT

pytest.importorskip("sphinx", reason="the extra docs is not installed; make test-docs installs it")
pytest.importorskip("myst_nb", reason="the extra docs is not installed; make test-docs installs it")

pytestmark = pytest.mark.docs
LOADED = re.compile(r"<(?:script|link|img|iframe|source)[^>]*?\b(?:src|href)=\"([^\"]+)\"")


def build(source: Path, target: Path) -> subprocess.CompletedProcess[str]:
    words = ["-m", "sphinx", "-q", "-W", "--keep-going", "-c", str(ROOT / "docs"), str(source), str(target)]
    return subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("site")
    done = build(ROOT, target)
    assert done.returncode == 0, done.stderr
    return target


def html_of(site: Path, page: str) -> str:
    return (site / page).with_suffix(".html").read_text(encoding="utf-8")


def test_every_page_is_in_the_site(site: Path) -> None:
    lost = [page for page in PAGES if not (site / page.relative_to(ROOT)).with_suffix(".html").exists()]
    assert lost == []


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    loaded = {address for page in site.rglob("*.html") for address in LOADED.findall(page.read_text(encoding="utf-8"))}
    assert loaded
    assert [address for address in sorted(loaded) if "//" in address] == []
    styles = [sheet for sheet in site.rglob("*.css") if re.search(r"url\(['\"]?(https?:)?//", sheet.read_text())]
    assert styles == []


def test_links_between_pages_and_to_headings_arrive(site: Path) -> None:
    pages = {page: page.read_text(encoding="utf-8") for page in site.rglob("*.html")}
    lost = []
    for page, text in pages.items():
        for address in re.findall(r"<a [^>]*?href=\"([^\"]+)\"", text):
            path, _, anchor = unescape(address).partition("#")
            if "//" in path or path.startswith("mailto:"):
                continue
            target = (page.parent / path).resolve() if path else page
            there = target.exists() and (not anchor or target not in pages or f'id="{anchor}"' in pages[target])
            lost += [] if there else [f"{page.relative_to(site)}: {address}"]
    assert lost == []


def test_indices_are_lowered_and_keys_lead_to_their_source(site: Path) -> None:
    model = html_of(site, "docs/model/model.md")
    assert "T<sub>ij</sub>" in model
    assert 'href="references.html#loban2021"' in model
    assert not re.search(r"[A-Z]_(ij|i|k)\b", re.sub(r"<code.*?</code>", "", model, flags=re.DOTALL))


def test_every_public_name_is_in_the_api(site: Path) -> None:
    import sim

    api = html_of(site, "docs/guide/api.md")
    assert [name for name in sim.__all__ if name != "__version__" and f'id="sim.{name}"' not in api] == []


def test_a_broken_link_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text("# A page\n\n[nowhere](nowhere.md)\n", encoding="utf-8")
    done = build(tmp_path, tmp_path / "site")
    assert done.returncode != 0
    assert "nowhere.md" in done.stderr
