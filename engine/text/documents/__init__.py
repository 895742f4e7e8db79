"""Documents: texts of many formats, read apart, split into paragraphs that the sentence encoder takes whole."""

from mindseye.engine.text.documents.document import Document, Extract, Passage, Section
from mindseye.engine.text.documents.formats import SUFFIXES, suffix_of
from mindseye.engine.text.documents.reading import extracts, read_documents
from mindseye.engine.text.documents.split import spans, split

__all__ = [
    "SUFFIXES",
    "Document",
    "Extract",
    "Passage",
    "Section",
    "extracts",
    "read_documents",
    "spans",
    "split",
    "suffix_of",
]
