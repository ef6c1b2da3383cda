"""Optional packages: imported when they are needed, and when they are missing, what to install."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from sim.core.errors import UserError


def needed(module: str, package: str, extra: str, for_what: str) -> Any:
    """Import an optional module.

    Parameters
    ----------
    module : str
        Name to import.
    package : str
        Name of the distribution.
    extra : str
        The extra of this project that brings it.
    for_what : str
        What the user asked for.

    Raises
    ------
    UserError
        One line that says what to install.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise UserError(
            f"{for_what} needs the package {package}, which is not installed; "
            f"install it with: pip install 'partnersim[{extra}]'"
        ) from error
