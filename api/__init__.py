"""Surface: the `Mindseye` object, the command line, the demo and the evaluation commands. Parse, call, format."""

from mindseye.api.mindseye import Mindseye

__all__ = ["Mindseye"]
