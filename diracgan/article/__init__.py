"""The long read: which training methods converge, told with live figures; one page that needs nothing beside it."""

from diracgan.article.page import article

__all__ = ["article"]
