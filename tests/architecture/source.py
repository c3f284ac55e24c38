"""The files the architecture tests read: ours, not what was vendored, generated or installed."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "counterfoil"
TEXTS = {
    ".py",
    ".sql",
    ".md",
    ".toml",
    ".txt",
    ".in",
    ".html",
    ".css",
    ".js",
    ".yaml",
    ".yml",
    ".typ",
    ".po",
    ".json",
}
NOT_OURS = {"vendor", "__pycache__", "node_modules", ".venv", "var", ".git"}
FOLDERS = ["src", "tests", "docs", "benchmarks", "requirements", ".ci"]


def texts() -> list[Path]:
    """Return every text file of the project."""
    below = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    beside = [path for path in ROOT.iterdir() if path.name in {"Makefile", ".importlinter", ".gitignore"}]
    found = [*below, *beside, *ROOT.glob("*.md"), *ROOT.glob("*.toml"), *ROOT.glob(".*.yaml")]
    kept = [path for path in found if path.is_file() and not NOT_OURS & set(path.relative_to(ROOT).parts)]
    return sorted(path for path in kept if path.suffix in TEXTS or path.parent in {ROOT, ROOT / ".ci"})


def python_files(*folders: str) -> list[Path]:
    """Return the Python files below *folders* of the root, migrations left out."""
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return sorted(path for path in found if not {"migrations", *NOT_OURS} & set(path.relative_to(ROOT).parts))


def named(path: Path, line: int = 0) -> str:
    """Return how a test names a place: path from the root, and the line."""
    return f"{path.relative_to(ROOT)}:{line}" if line else str(path.relative_to(ROOT))
