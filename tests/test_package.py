"""The wheel puts one name into site-packages and works outside the checkout."""

import os
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    shutil.rmtree(ROOT / "build", ignore_errors=True)  # modules that are gone would stay in the wheel
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_one_name_and_its_data(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {"mindseye", f"mindseye-{version('mindseye')}.dist-info"}
    for needed in (
        "mindseye/data/demo.toml",
        "mindseye/engine/decision/calibration.json",
        "mindseye/api/service/examples.json",
        "mindseye/api/web/static/mindseye.css",
        "mindseye/api/web/templates/demo.html.j2",
        "mindseye/indexer/migrations/env.py",
    ):
        assert needed in names


def test_the_wheel_works_outside_the_checkout(wheel, tmp_path, cache):
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    code = (
        "import sys, mindseye.api.cli as cli\n"
        f"assert cli.__file__.startswith({str(tmp_path)!r}), cli.__file__\n"
        "sys.argv = ['mindseye', 'index', '--collection', 'demo']\n"
        "cli.main()"
    )
    environment = {
        **os.environ,
        "PYTHONPATH": str(tmp_path / "site"),
        "MINDSEYE_LIBRARY": str(tmp_path / "library"),
        "MINDSEYE_CACHE": str(cache),
    }
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0 and "13 added" in ran.stdout, ran.stderr


def test_the_changelog_tells_of_this_version():
    assert f"## {version('mindseye')}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_constraints_are_names_and_versions_only():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    assert all(line.count("==") == 1 and "/" not in line and " " not in line for line in lines)
