"""From a name on the command line to the thing it names."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from causality.answer import CannotAskError


def load(name: str, beside: str | None = None) -> Any:
    """Give what `module:name`, `file.py:name`, or the class of a model of Transformers stands for.

    Args:
        name: as on the command line; looked for in the working directory first.
        beside: a name whose module is meant where `name` has none.

    Raises:
        CannotAskError: there is no such thing, or importing it fails.
    """
    if ":" not in name and beside is not None and ":" in beside:
        name = f"{beside.rpartition(':')[0]}:{name}"
    module_name, _, attribute = name.rpartition(":")
    if not module_name and attribute[:1].isupper() and attribute.isidentifier():
        from causality.hugging_face import named

        return named(attribute)
    if not module_name or not attribute:
        raise CannotAskError(f"{name} names no function; write module:function, as in mymodel:forward")
    module = _module(module_name)
    found: Any = module
    for part in attribute.split("."):
        found = getattr(found, part, None)
    if found is None:
        raise CannotAskError(f"{module_name} has no function {attribute}")
    return found


def model(name: str) -> Any:
    """Give the model that a name stands for; a function without parameters, or a class, makes it.

    Raises:
        CannotAskError: what it names is no model, and makes none.
    """
    from causality.hugging_face import made

    found = made(load(name))
    if not callable(found):
        raise CannotAskError(f"{name.rpartition(':')[0]} has no function {name.rpartition(':')[2]}")
    try:
        parameters = inspect.signature(found).parameters.values()
    except (TypeError, ValueError):
        return found
    if isinstance(found, type) and any(one.default is one.empty and one.kind < 2 for one in parameters):
        raise CannotAskError(f"{name} is a class that needs arguments; make one in the module, and name that")
    if isinstance(found, type) or (inspect.isfunction(found) and not parameters):
        try:
            return found()
        except (Exception, SystemExit) as error:
            raise CannotAskError(
                f"{name}() failed: {type(error).__name__}: {' '.join(str(error).split())[:160]}"
            ) from None
    return found


def _module(name: str) -> ModuleType:
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        if not name.endswith(".py"):
            return importlib.import_module(name)
        path = Path(name).resolve()
        sys.path.insert(0, str(path.parent))
        spec = importlib.util.spec_from_file_location(path.stem, path)
        if spec is None or spec.loader is None or not path.is_file():
            raise CannotAskError(f"there is no file {name}")
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module
        spec.loader.exec_module(module)
        return module
    except CannotAskError:
        raise
    except SystemExit as error:
        raise CannotAskError(
            f"importing {name} ends the program (exit {error.code}); put that under __main__"
        ) from None
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        said = f"importing {name} failed: {type(error).__name__}: {' '.join(str(error).split())[:160]}"
        raise CannotAskError(said + _hint(name, error)) from None


def _hint(name: str, error: BaseException) -> str:
    """What to write instead, for what is often written."""
    if name.endswith(".ipynb"):
        return "; put the model into a file, as in mymodel.py, and name that"
    if "relative import" in str(error):
        return "; it is part of a package: write package.module:name, in the folder that holds the package"
    return ""
