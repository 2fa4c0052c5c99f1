"""Plant a bug: import `minimodel` with a patch in its source, and no other change."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType

from handbook.bugs.exhibit import Patch


class _Loader(SourceFileLoader):
    """Compiles a module from its file, patched; no bytecode is read or written."""

    def __init__(self, name: str, path: str, patches: Sequence[Patch]) -> None:
        super().__init__(name, path)
        self.patches = patches

    def get_data(self, path: str) -> bytes:
        """The source of the module, with the bug in it."""
        source = super().get_data(path).decode("utf-8")
        for patch in self.patches:
            source = patch.apply(source, self.name.removeprefix("minimodel."))
        return source.encode("utf-8")

    def path_stats(self, path: str) -> dict[str, int]:
        """What bytecode is compared with; without it there is none."""
        raise OSError(f"{path} is patched")


class _Finder(MetaPathFinder):
    """Finds the patched modules before anything else does."""

    def __init__(self, patches: Sequence[Patch]) -> None:
        self.patches = patches

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """The module's own place, with the loader that patches it."""
        module = name.removeprefix("minimodel.")
        mine = [patch for patch in self.patches if module in patch.modules]
        spec = PathFinder.find_spec(name, path) if mine else None
        if spec is not None and spec.origin is not None:
            spec.loader = _Loader(name, spec.origin, mine)
        return spec


def _taken_out() -> dict[str, ModuleType]:
    """Take every module of `minimodel` out of what is imported."""
    names = [name for name in sys.modules if name.split(".")[0] == "minimodel"]
    return {name: sys.modules.pop(name) for name in names}


@contextmanager
def planted(patches: Sequence[Patch]) -> Iterator[None]:
    """Within it, what is imported from `minimodel` has the bug; after it, nothing has.

    Raises ``CallError``, at the import, for a patch that does not fit its module.
    """
    finder, healthy = _Finder(patches), _taken_out()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        _taken_out()
        sys.modules.update(healthy)
