"""XML from strangers: the one reader of XML files. No document type, no entities, nothing fetched from anywhere.

Errors: file_unreadable (not well-formed, a document type, more than `BYTES_MAX`).
"""

from __future__ import annotations

from typing import Any, Final

from lxml import etree

from setoff.core.errors import DomainError, ErrorCode

BYTES_MAX: Final = 200_000_000
NAMESPACES_REMOVED: Final = "}"


def read_xml(content: bytes, file: str) -> Any:
    """The root element. Comments and processing instructions are left out. Errors: file_unreadable."""
    if len(content) > BYTES_MAX:
        raise DomainError(ErrorCode.FILE_UNREADABLE, file=file, reason=f"{len(content)} > {BYTES_MAX} bytes")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, attribute_defaults=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        raise DomainError(ErrorCode.FILE_UNREADABLE, file=file, reason=str(problem)) from None
    if root.getroottree().docinfo.doctype or root.getroottree().docinfo.internalDTD is not None:
        raise DomainError(ErrorCode.FILE_UNREADABLE, file=file, reason="<!DOCTYPE")
    return root


def local_name(element: Any) -> str:
    """The name of an element without its namespace: versions of a format differ in that alone."""
    return str(element.tag).rpartition(NAMESPACES_REMOVED)[2]
