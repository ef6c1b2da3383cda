"""``partnersim run --dry-run``: the resolved settings and what differs from the case; nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.config.resolve import Resolved, case_alone, plain_scenario
from sim.core.parameters import LEVERS, PARAMETERS
from sim.core.traits import TRAITS

LONG = ("seats", "organisations", "parameters", "enabling", "traits", "shocks", "schedule", "posts")
SKIPPED = ("name", "case", "seats", "organisations", "given")
TYPED = {"cause": "turnover.cause", "buffer": "turnover.buffer", "rules_off": "rules switched off"}


def dry_run(resolved: Resolved, target: Path) -> None:
    """Print what would be run.

    Parameters
    ----------
    resolved : Resolved
        The settings.
    target : Path
        The folder that would be made.
    """
    content = plain_scenario(resolved.scenario)
    print(f"case={resolved.case} scenario={resolved.scenario_name}")
    print(f"seed={resolved.seed} replicates={resolved.replicates} weeks={content['weeks']}")
    print(f"founding seats: {len(content['seats'])}; organisations: {len(content['organisations'])}")
    for name, value in settings_of(content).items():
        print(f"  {name} = {value}")
    print("  all other parameters as in the table (partnersim list parameters)")
    print(f"Differences from the case {resolved.case}:")
    lines = differences(resolved)
    print("\n".join(f"  {line}" for line in lines) if lines else "  none")
    print(f"Would write: {target.as_posix()} (dry run: nothing was written)")


def settings_of(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a plain Scenario as dotted names and values; shocks by name, schedule and posts by what they are about."""
    flat = {TYPED.get(name, name): value for name, value in content.items() if name not in LONG and name not in SKIPPED}
    for tree in ("enabling", "parameters", "traits"):
        flat |= {f"{tree}.{name}": value for name, value in content[tree].items()}
    for shock in content["shocks"]:
        flat |= {f"shocks.{shock['name']}.{key}": value for key, value in shock.items() if key != "name"}
    for change in content["schedule"]:
        flat[f"schedule.{change['setting']} from week {change['week']}"] = change["value"]
    for post in content["posts"]:
        which = "all seats" if post["number"] == "all" else f"seat {post['number']}"
        time = f"to week {post['to_week']}, {post['share']:g} of full time"
        flat[f"post of {post['seats']}, {which}, from week {post['from_week']}"] = (
            f"{time}, pay {post['pay']}, paid by the {post['payer']}"
        )
    return flat


def differences(resolved: Resolved) -> list[str]:
    """Return one line for each setting in which the run differs from its case alone.

    Parameters
    ----------
    resolved : Resolved
        The settings.
    """
    alone = plain_scenario(case_alone(resolved))
    ours = plain_scenario(resolved.scenario)
    before, after = settings_of(alone), settings_of(ours)
    lines = []
    for name in dict.fromkeys((*before, *after)):
        was, becomes = (side.get(name, default_of(name)) for side in (before, after))
        if was != becomes:
            lines.append(f"{name}: {was} -> {becomes}")
    for name in ("seats", "organisations"):
        if alone[name] != ours[name]:
            lines.append(f"{name}: {len(alone[name])} -> {len(ours[name])} (or other ones)")
    return lines


def default_of(name: str) -> object:
    """Return the default of a dotted setting in the tables, or words for what has none.

    >>> default_of("enabling.leadership"), default_of("shocks.cut.week")
    (0.5, 'none')
    """
    head, _, rest = name.partition(".")
    if head == "enabling" and rest in LEVERS:
        return LEVERS[rest].default
    if head == "parameters" and rest in PARAMETERS:
        return PARAMETERS[rest].default
    kind, _, trait = rest.partition(".")
    return TRAITS[kind][trait] if head == "traits" and kind in TRAITS else "none"
