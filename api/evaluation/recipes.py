"""What an imagined picture depends on beside its numbers: the code that makes it, and files."""

import ast
import inspect
import sys
from collections.abc import Sequence
from pathlib import Path

from mindseye.engine.fingerprints import fingerprint, sha256_of_file

# What of the project turns a query into a picture; the rest may change and leave a picture as it is.
_PACKAGES = tuple(f"mindseye.engine.{name}" for name in ("synthesis", "mapping", "space", "query", "meanings"))


def code_of(module_name: str) -> str:
    """Return the fingerprint of a loaded module's code; comments, docstrings and layout do not count."""
    tree = ast.parse(inspect.getsource(sys.modules[module_name]))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and _is_text(body[0]):
            node.body = body[1:]  # type: ignore[attr-defined]
    return fingerprint(ast.dump(tree))


def code_behind(module_name: str) -> str:
    """Return the fingerprint of the code of a loaded module and of what it imports of the makings of a picture."""
    found: dict[str, str] = {}
    queue = [module_name]
    while queue:
        name = queue.pop()
        if name not in found:
            found[name] = code_of(name)
            origins = {getattr(value, "__module__", None) for value in vars(sys.modules[name]).values()}
            queue += [origin for origin in origins if isinstance(origin, str) and origin.startswith(_PACKAGES)]
    return fingerprint(found)


def files_digest(paths: Sequence[Path], root: Path) -> str:
    """Return the fingerprint of files: their places below `root` and their bytes."""
    return fingerprint([(str(path.relative_to(root)), sha256_of_file(path)) for path in paths])


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
