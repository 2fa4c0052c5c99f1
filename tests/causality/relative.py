"""A file of a package, as people name it by its path."""

from .models import honest as f

__all__ = ["f"]
