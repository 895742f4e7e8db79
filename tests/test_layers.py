"""Dependencies run api → indexer → engine, and heavy libraries stay in their places."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BELOW = {"engine": {"engine"}, "indexer": {"indexer", "engine"}, "api": {"api", "indexer", "engine", "data"}}
HOMES = {
    "torch": {
        "engine/text",
        "engine/vision",
        "engine/synthesis",
        "engine/mapping",
        "engine/runtime.py",
        "engine/evaluation",
    },
    "rasterio": {"indexer/gis"},
    "geopandas": {"indexer/gis"},
    "pyogrio": {"indexer/gis"},
    "shapely": {"indexer/gis"},
    "pyproj": {"indexer/gis"},
    "matplotlib": {"api/evaluation", "api/gis", "api/maps/picture.py", "api/sheets.py", "api/studies/figure.py"},
    "gensim": {"engine/text"},
    "faiss": {"indexer/index/faiss.py"},
    "sqlalchemy": {"indexer"},
    "alembic": {"indexer"},
    "openvino": {"engine/runtime.py"},
    "openTSNE": {"engine/projection.py"},
    "typer": {"api"},
}


def sources() -> list[Path]:
    return sorted(p for layer in BELOW for p in (ROOT / layer).rglob("*.py"))


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_down(path):
    layer = path.relative_to(ROOT).parts[0]
    reached = {name.split(".")[1] for name in imports(path) if name.startswith("mindseye.")}
    assert reached <= BELOW[layer]


@pytest.mark.parametrize("library", HOMES)
def test_heavy_libraries_stay_in_their_places(library):
    users = {str(p.relative_to(ROOT)) for p in sources() if any(n.split(".")[0] == library for n in imports(p))}
    strays = {user for user in users if not any(user.startswith(home) for home in HOMES[library])}
    assert users and not strays


@pytest.mark.parametrize("module", ["mindseye.indexer", "mindseye.indexer.library", "mindseye.api.cli"])
def test_importing_does_not_import_torch(module):
    code = f"import {module}, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_folder_of_code_is_packaged():
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    folders = {
        "mindseye." + ".".join(p.parent.relative_to(ROOT).parts)
        for layer in (*BELOW, "data")
        for p in (ROOT / layer).rglob("__init__.py")
    }
    assert folders == set(listed)


def test_no_file_is_longer_than_one_idea():
    long = {str(p): n for p in sources() if (n := len(p.read_text(encoding="utf-8").splitlines())) > 300}
    assert not long
