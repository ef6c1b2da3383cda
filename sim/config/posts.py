"""Posts: rows keyed by name, as a case, a scenario or a user gives them, turned into the posts of a Scenario.

A founding group of coordinators for which a case lists no post has a full-time post of the group's name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import combinations
from typing import TYPE_CHECKING, Any

from sim.core.gate import did_you_mean
from sim.core.scenario import Post
from sim.core.shocks import MAX_WEEKS

if TYPE_CHECKING:
    from sim.core.scenario import Scenario

Rows = Mapping[str, Mapping[str, Any]]


def group_of(name: str, row: Mapping[str, Any]) -> str:
    """Return the founding group whose seats a post pays for."""
    return str(row.get("seats") or name)


def usual_rows(groups: Rows, rows: Rows, unpaid: Collection[str] = ()) -> dict[str, dict[str, Any]]:
    """Return the posts that go without saying: full time, for each group of coordinators that no row names.

    Parameters
    ----------
    groups : mapping
        Founding groups by name.
    rows : mapping
        Posts that are given.
    unpaid : collection of str
        Groups whose post was taken away.
    """
    named = {group_of(name, row) for name, row in rows.items()} | {*rows, *unpaid}
    return {name: {} for name, group in groups.items() if group.get("role") == "coordinator" and name not in named}


def make_posts(
    rows: Rows, groups: Rows, weeks: int, by_hand: Mapping[str, Collection[str]]
) -> tuple[tuple[Post, ...], list[str]]:
    """Return the posts of a run and one line for each that cannot be.

    Parameters
    ----------
    rows : mapping
        Plain rows by name, each field right by itself.
    groups : mapping
        Founding groups in the order of their seats.
    weeks : int
        Length of the run.
    by_hand : mapping of str to collection of str
        Fields of each post that somebody gave for this very run. What the case alone says is cut, or left out, where
        the run ends before it, or where the seat is not founded.
    """
    posts: dict[str, Post] = {}
    problems: list[str] = []
    places = _places(groups)
    for name, row in rows.items():
        found = _group_problems(name, row, groups)
        if not found and _is_left_out(row, groups[group_of(name, row)], weeks, by_hand.get(name, ())):
            continue
        found = found or _row_problems(name, row, groups[group_of(name, row)], weeks, by_hand.get(name, ()))
        problems += found
        if not found:
            posts[name] = _post(row, places[group_of(name, row)], int(groups[group_of(name, row)]["seats"]), weeks)
    problems += _overlaps(posts, rows, places)
    return tuple(sorted(posts.values(), key=lambda post: (post.seat, post.from_week, post.seats))), problems


def _places(groups: Rows) -> dict[str, int]:
    """Return the number of the first seat of each group."""
    places, place = {}, 0
    for name, group in groups.items():
        places[name] = place
        place += int(group["seats"])
    return places


def _group_problems(name: str, row: Mapping[str, Any], groups: Rows) -> list[str]:
    group = group_of(name, row)
    if group in groups:
        return []
    if "seats" in row:
        what = f"posts.{name}.seats must be a founding group ({', '.join(groups)}); got '{group}'"
    else:
        what = f"posts.{name}.seats is missing and '{name}' is no founding group; there are {', '.join(groups)}"
    return [what + did_you_mean(group, groups)]


def _is_left_out(row: Mapping[str, Any], group: Mapping[str, Any], weeks: int, by_hand: Collection[str]) -> bool:
    """Tell whether a post of the case has no place in this run, which nobody asked for."""
    late = row.get("from_week", 1) > weeks and "from_week" not in by_hand
    return late or (row.get("number", 1) > group["seats"] and "number" not in by_hand)


def _row_problems(
    name: str, row: Mapping[str, Any], group: Mapping[str, Any], weeks: int, by_hand: Collection[str]
) -> list[str]:
    where, first, last = f"posts.{name}", row.get("from_week", 1), row.get("to_week", weeks)
    number, seats = row.get("number", 1), int(group["seats"])
    problems = []
    if number > seats:
        of = group_of(name, row)
        problems.append(f"{where}.number must be a whole number from 1 to {seats} (seats of {of}); got {number}")
    problems += [
        f"{where}.{key} must be a whole number from 1 to {weeks} (the last week of the run); got {week}"
        for key, week in (("from_week", first), ("to_week", last))
        if week > weeks and key in by_hand
    ]
    if not problems and last < first:
        problems.append(f"{where}.to_week {last} is before from_week {first}")
    if row.get("payer") == "organisation" and group["organisation"] == "none":
        of = group_of(name, row)
        problems.append(f"{where}.payer must be purse: the seats of {of} have no organisation; got 'organisation'")
    return problems


def _post(row: Mapping[str, Any], place: int, seats: int, weeks: int) -> Post:
    last = int(row.get("to_week", weeks))
    return Post(
        seat=place + int(row.get("number", 1)) - 1,
        share=float(row.get("share", 1.0)),
        from_week=int(row.get("from_week", 1)),
        to_week=MAX_WEEKS if last >= weeks else last,
        pay=float(row.get("pay", -1.0)),
        seconded=row.get("payer") == "organisation",
        seats=1 if "number" in row else seats,
    )


def _overlaps(posts: Mapping[str, Post], rows: Rows, places: Mapping[str, int]) -> Iterable[str]:
    for (one, first), (other, second) in combinations(posts.items(), 2):
        if not first.collides(second):
            continue
        group = group_of(one, rows[one])
        number = max(first.seat, second.seat) - places[group] + 1
        week = max(first.from_week, second.from_week)
        early, late = (one, other) if first.from_week <= second.from_week else (other, one)
        ends = posts[late].from_week - 1
        hint = f"posts.{early}.to_week={ends}" if posts[early].from_week <= ends else f"posts.{early}=null"
        yield (
            f"posts.{early} and posts.{late} both pay for seat {number} of {group} in week {week}; posts of one seat "
            f"must not overlap: {hint} makes room for posts.{late}"
        )


def plain_posts(scenario: Scenario) -> list[dict[str, Any]]:
    """Return the posts of a Scenario as rows in the words of a scenario file.

    Parameters
    ----------
    scenario : Scenario
        What is run.
    """
    return [_plain_post(scenario, post) for post in scenario.posts or ()]


def _plain_post(scenario: Scenario, post: Post) -> dict[str, Any]:
    group = scenario.seats[post.seat].group
    members = [place for place, seat in enumerate(scenario.seats) if seat.group == group]
    first = members.index(post.seat) + 1
    last = first + post.seats - 1
    return {
        "seats": group,
        "number": "all" if post.seats == len(members) else first if post.seats == 1 else f"{first} to {last}",
        "share": post.share,
        "pay": "salary" if post.pay == -1.0 else post.pay,
        "payer": "organisation" if post.seconded else "purse",
        "from_week": post.from_week,
        "to_week": min(post.to_week, scenario.weeks),
    }
