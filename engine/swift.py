"""The swift space: the pocket space with one network in place of two; it indexes faster and knows less."""

from pathlib import Path

from mindseye.engine import pocket
from mindseye.engine.kept import load_or_fit
from mindseye.engine.space import JointSpace, Traits
from mindseye.engine.text.encoder import Progress
from mindseye.engine.vision.encoder import LiteFeatures

NAME = "swift"
NETWORKS = ("lite0",)


def folder(cache: Path) -> Path:
    """Return the folder of the swift space below a cache folder: in the pocket space's, whose texts it is fitted to."""
    return pocket.folder(cache) / NAME


def load_swift(cache: Path, progress: Progress | None = None) -> JointSpace:
    """Return the swift space, fitting and saving it below `cache` when it is not there yet."""
    home = folder(cache)
    text, _, lexicon = pocket.encoders(cache)
    picture = LiteFeatures(home / "pictures.xml", NETWORKS)

    def fit() -> JointSpace:
        traits = Traits(NAME, calibrated=False)
        return pocket.fit_pocket(text, picture, lexicon, pocket.load_parts(cache, progress), traits=traits)

    return load_or_fit(home, lambda: JointSpace.load(home, text, picture, lexicon), fit)
