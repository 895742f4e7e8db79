"""Files that are whole or not there."""

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from safetensors import SafetensorError


def replace_file(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file under a temporary name and put it in place whole, readable as other new files are.

    Raises OSError for a full disk and a folder that cannot be written, whatever writes.
    """
    temporary = path.with_name(f"tmp{uuid4().hex}{path.suffix}")
    try:
        temporary.touch(exist_ok=False)
        mode = temporary.stat().st_mode
        write(temporary)
        temporary.chmod(mode)  # safetensors leaves its files to their owner alone
        temporary.replace(path)
    except SafetensorError as error:
        raise OSError(f"{path} cannot be written ({error})") from error
    finally:  # a full disk leaves nothing half-written
        temporary.unlink(missing_ok=True)
