"""What browsers load: complete, from here only, and nothing that a strict content policy forbids."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from counterfoil.records.organisation.models import Role
from counterfoil.web import apps, vendoring
from tests.web import bureau

WEB = Path(apps.__file__).parent
STATIC = WEB / "static"
TEMPLATES = sorted(WEB.rglob("*.html"))


def test_static_files_are_collected_with_their_fingerprints(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    assert re.search(
        r'url\("vendor/inter/latin\.[0-9a-f]{12}\.woff2"\)', _collected(tmp_path, "counterfoil.*.css")
    )
    assert (tmp_path / "staticfiles.json").exists()


def _collected(folder: Path, pattern: str) -> str:
    fingerprinted = [path for path in (folder / "counterfoil").glob(pattern) if path.suffix == ".css"]
    return fingerprinted[0].read_text()


def test_nothing_names_a_source_map_or_another_host() -> None:
    loaded = [path for path in STATIC.rglob("*") if path.suffix in {".js", ".css"}]
    assert len(loaded) >= 6
    assert [path.name for path in loaded if "sourceMappingURL" in path.read_text()] == []
    assert [
        path.name for path in loaded if re.search(r"url\([\"']?(https?:)?//|@import", path.read_text())
    ] == []


def test_every_vendored_folder_has_its_licence() -> None:
    folders = [path for path in vendoring.VENDOR.iterdir() if path.is_dir()]
    assert len(folders) == 5
    assert [folder.name for folder in folders if not (folder / "LICENSE").exists()] == []


def test_every_icon_used_is_in_the_sprite() -> None:
    sprite = (vendoring.VENDOR / "icons" / "icons.svg").read_text()
    drawn = set(re.findall(r'<symbol id="([^"]+)"', sprite))
    assert drawn == set(vendoring.ICONS.split())
    sources = [path.read_text() for path in [*TEMPLATES, *WEB.rglob("*.py")]]
    used = {name for source in sources for name in re.findall(r'icon[ =]"([a-z0-9-]+)"', source)}
    assert used - drawn == set()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_holds_no_inline_script_or_style(template: Path) -> None:
    html = template.read_text()
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=|hx-on|javascript:", html) == []
    assert re.findall(r"<script(?![^>]*\b(?:src|type=\"application/json\"))", html) == []


def test_a_page_is_sent_with_a_strict_content_policy(signed_in: Callable[..., Client]) -> None:
    bureau.organisation()
    policy = signed_in(Role.VIEWER).get("/guide/parts")["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "unsafe" not in policy


def test_a_source_map_is_stripped_and_nothing_else(tmp_path: Path) -> None:
    source, target = tmp_path / "a.js", tmp_path / "b.js"
    source.write_text("let a = 1;\n//# sourceMappingURL=a.js.map\n")
    vendoring.copy_without_source_map(source, target)
    assert target.read_text() == "let a = 1;\n"
