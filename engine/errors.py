"""The errors a user may meet: each says what was wrong, with what, and what to do."""


class MindseyeError(Exception):
    """Something Mindseye cannot do: `what` names the trouble and the input, `hint` the way out."""

    code = "error"

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.what}; {self.hint}" if self.hint else self.what


class UsageError(MindseyeError):
    """The request itself cannot be answered: a missing path, an empty query, a bad parameter."""

    code = "usage"


class UnreadableFileError(MindseyeError):
    """One file cannot be read as a picture or a text; a run reports it and goes on."""

    code = "unreadable_file"


class ReaderEndedError(UnreadableFileError):
    """What reads a file was ended or could not start: what is in the file is not to blame, and it is tried again."""


class VectorError(MindseyeError):
    """An array breaks the vector contract: shape, width, finiteness or unit length."""

    code = "vector"


class SpaceMismatchError(MindseyeError):
    """Vectors or a library belong to another encoder than the one in use."""

    code = "space_mismatch"


class LibraryError(MindseyeError):
    """The library cannot be opened, written or understood."""

    code = "library"


class NotFoundError(MindseyeError):
    """No item, collection or run of that name."""

    code = "not_found"


class UnknownWordError(MindseyeError):
    """A word that no dictionary or vector knows, given without a definition."""

    code = "unknown_word"
