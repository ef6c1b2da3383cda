# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     name: python3
# ---

# %% [markdown]
# # 3. What sets the two cases apart, and what can two cases tell?
#
# The model was fitted to two partnerships of one study (Loban et al. 2021): *PCCP* and *CHRP*. Parameters of mechanisms are shared; founders, meetings, money and outside events
# belong to each case.

# %%
# %matplotlib inline
import pandas as pd

import sim

# %%
runs = {case: sim.run(sim.make_scenario(case), replicates=400) for case in ("pccp", "chrp")}
for case, result in runs.items():
    print(case.upper())
    print("\n".join(result.sentences[:3]), end="\n\n")

# %% [markdown]
# ## What was known
#
# What is known of each case, as it was coded before anything was fitted (`docs/model/calibration-codebook.md`). *Read* is what stands in the study, *inferred* what was concluded from it;
# each has a weight.

# %%
columns = ["case", "type", "value", "low", "high", "unit", "status", "role", "weight"]
targets = [
    {"target": name.replace("_", " "), "case": case.upper(), **told}
    for case in ("pccp", "chrp")
    for name, told in sim.load_case(case)["targets"].items()
]
pd.DataFrame(targets).set_index("target")[columns].fillna("")

# %% [markdown]
# ## What runs of the fitted model do
#
# The median of 400 runs with new luck, and nine in ten of them.

# %%
shown = ["members_end", "people_ever", "exits_per_member_year", "patients_end", "organisations_kept"]
pd.concat(
    {case.upper(): result.runs[shown].quantile([0.05, 0.5, 0.95]).T for case, result in runs.items()}, axis=1
).round(2)

# %% [markdown]
# ## Both over the weeks

# %%
apart = sim.compare("pccp", "chrp", draws=100, lucks=4)
sim.plot(apart, "bands")

# %% [markdown]
# ## Told apart?

# %%
apart

# %%
sim.plot(apart)

# %% [markdown]
# ## Without what was learnt
#
# `posterior="none"` takes the default values of the table instead of draws that fit the cases. Bands then hold luck alone.

# %%
alone = sim.run(sim.make_scenario("pccp", settings={"posterior": "none"}), replicates=400)
spread = pd.DataFrame(
    {
        "draws that fit the cases": runs["pccp"].runs.filter(like="last_year").std(),
        "default values": alone.runs.filter(like="last_year").std(),
    }
)
spread.rename(index=lambda name: name.replace("_last_year", "")).round(3)

# %% [markdown]
# ## What to conclude, and what not
#
# - Two cases taught the model little: 4 of 193 parameters moved (`docs/results/calibration.md`), those of turnover, of money and of joint benefit. About ties, exchange and
#   adaptation the cases are silent; what the model says of them comes from theory and assumption.
# - The cases differ most in who is there and how often they meet. That CHRP *is* better at anything cannot be concluded: the two had other tasks and other times.
# - With new luck few runs show everything that is known of a case at once (`docs/results/two_cases.md`). A case that was seen once had one luck.
