"""What can be set: by option, by environment (`MINDSEYE_…`), by a `.env`-like file, or not at all."""

from pathlib import Path

from platformdirs import user_cache_path, user_config_path, user_data_path
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Where the library and the built spaces live.

    library: the library that commands use (`MINDSEYE_LIBRARY`); cache: built spaces and converted networks
    (`MINDSEYE_CACHE`), safe to delete; space: the name of the space in use (`MINDSEYE_SPACE`), the library's own when
    empty; data: where the evaluation looks for norms and word lists (`MINDSEYE_DATA`); unclip: the folder of a
    diffusion pipeline to imagine by (`MINDSEYE_UNCLIP`). All may stand in `mindseye.env` in the user's configuration
    folder.
    """

    model_config = SettingsConfigDict(
        env_prefix="MINDSEYE_",
        env_ignore_empty=True,
        env_file=user_config_path("mindseye") / "mindseye.env",
        extra="ignore",
    )

    library: Path = Field(default_factory=lambda: user_data_path("mindseye"))
    cache: Path = Field(default_factory=lambda: user_cache_path("mindseye"))
    space: str = ""
    data: Path = Path("../shared/data")
    unclip: Path | None = None
