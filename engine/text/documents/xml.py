"""XML as events, whatever its depth; entities, which can swell or reach for other files, are refused."""

from html.entities import name2codepoint
from typing import Protocol
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import XMLParser

from mindseye.engine.errors import UnreadableFileError


class Target(Protocol):
    """What is told of each tag and each piece of text between them; names as `{namespace}name`."""

    def start(self, tag: str, attributes: dict[str, str]) -> None: ...

    def end(self, tag: str) -> None: ...

    def data(self, text: str) -> None: ...

    def close(self) -> None: ...


class DamagedXmlError(Exception):
    """It is not well-formed, or in an encoding that no parser knows."""


def tell(data: bytes, target: Target) -> None:
    """Tell a target what stands in XML. Raises DamagedXmlError, and UnreadableFileError for entities."""
    parser = XMLParser(target=target)
    parser.entity.update({name: chr(code) for name, code in name2codepoint.items()})
    try:
        parser.feed(data)
        parser.close()
    except DefusedXmlException as error:
        raise UnreadableFileError("declares entities of XML, which can swell or reach for other files") from error
    except (ParseError, ValueError, LookupError) as error:
        raise DamagedXmlError(str(error)) from error


def local(tag: str) -> str:
    """Return a name without its namespace."""
    return tag.rpartition("}")[2]


class Tags:
    """Takes the events of a small XML file: every start tag as (local name, attributes), and one element's text."""

    def __init__(self, wanted: str = "") -> None:
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self._wanted = wanted
        self._inside = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.tags.append((local(tag), {local(key): value for key, value in attributes.items()}))
        self._inside = local(tag) == self._wanted and not self.text

    def end(self, tag: str) -> None:
        self._inside = False

    def data(self, text: str) -> None:
        self.text += text if self._inside else ""

    def close(self) -> None:
        """Nothing is left to do at the end."""
