"""What pools keep; one module a subject."""

from .documents import DocumentKind, IssuedDocument

__all__ = ["DocumentKind", "IssuedDocument"]
