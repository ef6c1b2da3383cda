# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     name: python3
# ---

# %% [markdown]
# # 4. Which enabling process matters?
#
# Thirteen enabling processes can be turned up and down, at three levels: between persons, in the work, and in the system around. Each asks for staff hours. Here each is set
# low (0.2) and high (0.8), all else being equal, on common luck and under the same 50 plausible parameter sets.

# %%
# %matplotlib inline
import pandas as pd

import sim
from sim.core.parameters import LEVERS

pd.DataFrame(
    {name: {"level": row.level, "hours a week": row.hours, "what it is": row.meaning} for name, row in LEVERS.items()}
).T


# %% [markdown]
# ## One after the other, in both cases
#
# For each process: how much higher is *synergy in the last year* (in standard deviations of a wide population of partnerships) when it is high? This takes some twenty seconds.


# %%
def from_low_to_high(case):
    rows = {}
    for lever, told in LEVERS.items():
        plans = (f"baseline+enabling.{lever}={value}" for value in (0.2, 0.8))
        row = sim.compare(*plans, case=case, primary="synergy_last_year", draws=50, lucks=2).table.iloc[0]
        rows[lever.replace("_", " ")] = {
            "level": told.level,
            "synergy": row["difference"],
            "low": row["low"],
            "high": row["high"],
            "told apart": row["told apart"],
            "sets in which it helps": row["share of parameter sets higher"],
            "per hour": row["difference"] / (0.6 * told.hours),
        }
    return pd.DataFrame(rows).T.sort_values("synergy", ascending=False)


pccp, chrp = from_low_to_high("pccp"), from_low_to_high("chrp")
pccp

# %%
chrp

# %% [markdown]
# ## In a picture

# %%
axes = (
    pd.concat({"PCCP": pccp["synergy"], "CHRP": chrp["synergy"]}, axis=1)
    .astype(float)
    .iloc[::-1]
    .plot.barh(
        figsize=(8, 6),
        color=["#0072B2", "#D55E00"],
        xerr=None,
        xlabel="synergy, last year: high less low (standard deviations)",
    )
)
axes.axvline(0, color="0.4", linewidth=0.9)
axes.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# ## All of a level together

# %%
low = {
    level: "+".join(f"enabling.{name}=0.2" for name, row in LEVERS.items() if row.level == level)
    for level in ("interpersonal", "operational", "system")
}
for level, words in low.items():
    told = sim.compare(
        f"baseline+{words}", f"baseline+{words.replace('=0.2', '=0.8')}", primary="synergy_last_year", draws=50, lucks=2
    )
    row = told.table.iloc[0]
    print(f"{level}: {row['difference']:+.2f} ({row['low']:+.2f} to {row['high']:+.2f})")

# %% [markdown]
# ## What to conclude, and what not
#
# - How much a process does *in the model* is largely assumed: the two cases tell next to nothing about single levers. What can be believed is what holds under most parameter sets.
# - Processes share staff. Raising one takes hours from the others, so the best mix is not the sum of the best ones: that question is for `partnersim portfolio`
#   (`docs/results/portfolios.md`); what moves outcomes beyond levers is for `partnersim sensitivity` (`docs/results/sensitivity.md`).
# - That a process does little for synergy does not make it useless: work on policy moves income and outcome (`docs/results/enabling_levels.md`).
