"""Classes of the program's own file, in a process that was not started by it.

A class that stands in a script bears the module name "__main__", which is another one in a new process. As
`multiprocessing` does, the script is run there under the name "__mp_main__", and only if such a class comes.
"""

import runpy
import sys
import types
from dataclasses import dataclass
from pathlib import Path
from typing import Final


@dataclass(frozen=True, slots=True)
class MainModule:
    """What the program was started as.

    Attributes:
        name: Its module name, `python -m name`; None for a file.
        path: Its file; None for a module, and for a program that stands nowhere.
    """

    name: str | None = None
    path: str | None = None


_NAME: Final = "__mp_main__"
_main: MainModule | None = None


def own_main_module() -> MainModule:
    """The one of this process."""
    main = sys.modules["__main__"]
    sys.modules.setdefault(_NAME, main)  # what its classes are called when they come back
    name = getattr(main.__spec__, "name", None)
    if name is not None:
        return MainModule(name=name)
    path = getattr(main, "__file__", None)
    return MainModule(path=None if path is None else str(Path(path).resolve()))


def remember_main_module(main: MainModule) -> None:
    """What `load_main_module` is to load in this process."""
    global _main
    _main = main


def load_main_module() -> None:
    """Run the file that the program began with, under another name than "__main__"; once."""
    global _main
    main, _main = _main, None
    if main is None:
        return
    module = sys.modules[_NAME] = types.ModuleType(_NAME)
    try:
        module.__dict__.update(_run(main))
    except Exception as error:
        raise ImportError(
            f"{main.path or main.name} cannot be loaded in a new process ({type(error).__name__}: {error}); "
            "what it does when it is run must stand under if __name__ == '__main__'"
        ) from error
    sys.modules["__main__"] = module


def _run(main: MainModule) -> dict[str, object]:
    if main.path is not None:
        return runpy.run_path(main.path, run_name=_NAME)
    return {} if main.name is None else runpy.run_module(main.name, run_name=_NAME, alter_sys=True)
