"""Bring the browser's parts into the repository: `python -m counterfoil.web.vendoring`.

A page never loads anything from elsewhere, so what the pages use is kept here, at the versions named below.
Needs npm. Files are as their authors publish them, but for the line that points at a source map (static
storage with a manifest fails on a file that is not there). The icons used become one sprite.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

VENDOR = Path(__file__).parent / "static" / "counterfoil" / "vendor"

PACKAGES = {
    "@tabler/core": "1.6.1",
    "@tabler/icons": "3.51.0",
    "htmx.org": "2.0.11",
    "echarts": "6.1.0",
    "@fontsource-variable/inter": "5.3.0",
}

FILES = {
    "@tabler/core/dist/css/tabler.min.css": "tabler/tabler.min.css",
    "@tabler/core/dist/js/tabler.min.js": "tabler/tabler.min.js",
    "@tabler/icons/LICENSE": "icons/LICENSE",
    "htmx.org/dist/htmx.min.js": "htmx/htmx.min.js",
    "htmx.org/LICENSE": "htmx/LICENSE",
    "echarts/dist/echarts.common.min.js": "echarts/echarts.common.min.js",
    "echarts/LICENSE": "echarts/LICENSE",
    "echarts/NOTICE": "echarts/NOTICE",
    "@fontsource-variable/inter/LICENSE": "inter/LICENSE",
    "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2": "inter/latin.woff2",
    "@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2": "inter/latin-ext.woff2",
}

ICONS = """
    activity adjustments-horizontal alert-triangle arrow-left arrow-right ban bell book-2 books brightness-auto
    building building-bank calendar calendar-repeat chart-bar check checks chevron-down chevron-left
    chevron-right chevron-up circle-check circle-x clock columns-3 corner-down-right dots download
    external-link eye file-export file-import file-invoice file-minus file-text filter git-branch hash help
    hierarchy-2 history home inbox info-circle key keyboard language layout-dashboard list-check list-details
    loader-2 lock logout mail menu-2 moon pencil percentage plug-connected player-pause player-play plus
    printer receipt receipt-2 refresh report-money scale search selector send settings shield-check sun tag
    tags tool trash truck-delivery upload user user-circle users users-group webhook world x
"""

_SOURCE_MAP = re.compile(rb"\n?(/\*# sourceMappingURL=[^*]*\*/|//# sourceMappingURL=\S*)\s*$")
_SHAPE = re.compile(r"<(?:path|circle|line|rect|polyline|ellipse)\b[^>]*/>")


def main() -> int:
    """Install the packages in a scratch folder, copy what is used, and build the icon sprite."""
    with tempfile.TemporaryDirectory() as scratch:
        named = [f"{name}@{version}" for name, version in PACKAGES.items()]
        subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", *named], cwd=scratch, check=True
        )
        modules = Path(scratch) / "node_modules"
        for source, target in FILES.items():
            copy_without_source_map(modules / source, VENDOR / target)
        sprite = icon_sprite(modules / "@tabler/icons/icons/outline", names=ICONS.split())
        (VENDOR / "icons" / "icons.svg").write_text(sprite)
    return 0


def copy_without_source_map(source: Path, target: Path) -> None:
    """Copy one file; a script or style sheet loses its last line if that names a source map."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.suffix in {".js", ".css"}:
        target.write_bytes(_SOURCE_MAP.sub(b"\n", source.read_bytes()))
    else:
        shutil.copyfile(source, target)


def icon_sprite(folder: Path, *, names: list[str]) -> str:
    """Return one SVG in which each icon of *names* is a symbol with the icon's name as its id."""
    symbols = [_symbol(name, (folder / f"{name}.svg").read_text()) for name in sorted(names)]
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def _symbol(name: str, drawing: str) -> str:
    shapes = [shape for shape in _SHAPE.findall(drawing) if 'd="M0 0h24v24H0z"' not in shape]
    return f'<symbol id="{name}" viewBox="0 0 24 24">{"".join(shapes)}</symbol>'


if __name__ == "__main__":
    sys.exit(main())
