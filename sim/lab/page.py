"""The page as one HTML text without any outside part: served live, or baked with its data into a file."""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from typing import Any

from sim.config.folders import ConfFolders
from sim.config.glossary import sentence_of
from sim.core.metric_table import METRICS
from sim.core.parameters import LEVERS, PARAMETERS
from sim.core.vocabulary import Resource, Role, ShockKind, words
from sim.lab.answer import FAN_CURVES
from sim.lab.lessons import lessons
from sim.lab.words import all_texts

SCRIPTS = ("tools", "data", "state", "network", "charts", "sentences", "controls", "exercises", "saving", "main")
"""Scripts of the page, in the order in which they are joined into one."""

HOURS_SHOWN = {"facilitator_hours": 20, "grant_per_week": 6}
"""Settings beside the levers, with the largest value that the page's slider offers."""


def catalogue(folders: ConfFolders) -> dict[str, Any]:
    """Return what may be chosen on the page: cases, presets, levers, kinds of shock.

    Parameters
    ----------
    folders : ConfFolders
        Where cases and scenarios are looked for.
    """
    return {
        "cases": list(folders.names("case")),
        "scenarios": {name: sentence_of("scenario", name) for name in folders.names("scenario")},
        "levers": [{"name": row.name, "level": row.level, "hours": row.hours} for row in LEVERS.values()],
        "hours": [
            {"name": name, "low": PARAMETERS[name].low, "high": high, "unit": PARAMETERS[name].unit}
            for name, high in HOURS_SHOWN.items()
        ],
        "roles": list(words(Role)),
        "resources": list(words(Resource)),
        "shocks": list(words(ShockKind)),
        "fan": list(FAN_CURVES),
        "units": {name: row.unit for name, row in METRICS.items()},
        "lessons": lessons(),
    }


def assemble(content: dict[str, Any]) -> str:
    """Return the page with its style, its scripts, all words and the data given.

    Parameters
    ----------
    content : dict
        What the page starts from: ``mode`` (``live`` or ``baked``), ``catalogue`` and, when baked, the runs.
    """
    folder = files("sim.lab") / "page"

    def part(name: str) -> str:
        return (folder / name).read_text(encoding="utf-8").strip()

    style = part("style.css")
    joined = "\n\n".join(part(f"{name}.js") for name in SCRIPTS)
    script = f'"use strict";\n(() => {{\n{joined}\n}})();'
    data = _safe(json.dumps(content | {"text": all_texts()}, separators=(",", ":"), ensure_ascii=False))
    values = {"policy": policy(style, script, content["mode"]), "style": style, "data": data, "script": script}
    page = part("index.html")
    for name, value in values.items():
        page = page.replace(f"{{{{{name}}}}}", value)
    return page


def _safe(data: str) -> str:
    """Keep data from ending the element that it stands in."""
    return data.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def policy(style: str, script: str, mode: str) -> str:
    """Return the rule that lets the browser use nothing but this page's own style and script.

    Parameters
    ----------
    style, script : str
        What stands between their tags, to the letter.
    mode : {'live', 'baked'}
        A baked page may not even ask its own server: there is none.
    """
    connect = "'self'" if mode == "live" else "'none'"
    return (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; "
        f"img-src data: blob:; connect-src {connect}; form-action 'none'; base-uri 'none'"
    )


def _digest(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
