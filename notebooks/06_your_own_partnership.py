# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     name: python3
# ---

# %% [markdown]
# # 6. What would my own partnership look like?
#
# A partnership is described in one text file: who founded it, how often it meets, what money it has, what happens outside. Every number has a range and says where it comes from. Answers of
# your members to a self-assessment can be added; they stay on your computer.

# %%
# %matplotlib inline
from pathlib import Path

import sim

# %% [markdown]
# ## 1. A copy of a case, with comments
#
# The same as `partnersim new-case my_town --from pccp` in a terminal. It makes the file `conf/case/my_town.yaml`.

# %%
# %run -m sim new-case my_town --from pccp

# %% [markdown]
# ## 2. Fill it in
#
# Open the file in a text editor: it says what each line is. Here one line is changed, as one would by hand: there were six patients among the founders.

# %%
file = Path("conf/case/my_town.yaml")
text = file.read_text(encoding="utf-8")
place = text.index("  patients:")
print(text[place : place + 230])

# %%
mine = "seats: {value: 6, low: 4, high: 8, status: assumed, source: assumed, note: as we remember it}"
seats = text.index("seats:", place)
file.write_text(text[:seats] + mine + text[text.index("\n", seats) :], encoding="utf-8")
sim.load_case("my_town")["founding"]["patients"]["seats"]

# %% [markdown]
# A mistake in the file is told in one line that says what is allowed:

# %%
try:
    sim.make_scenario("my_town", settings={"enabling.leadershp": 0.8})
except sim.UserError as error:
    print(error)

# %% [markdown]
# ## 3. Run it
#
# A case that was not fitted takes its shared parameters from what fits the two published cases, and its own numbers from the file.

# %%
result = sim.run(sim.make_scenario("my_town"), replicates=200)
print("\n\n".join(result.sentences))

# %%
sim.plot(result)

# %% [markdown]
# ## 4. Ask a question of it
#
# Would it help to meet every fourth week in place of every eighth?

# %%
answer = sim.compare("baseline", "baseline+parameters.meeting_every_core=4", case="my_town")
answer

# %%
sim.plot(answer)

# %% [markdown]
# ## 5. Answers of your members
#
# `new-answers` makes a form with the items of the questionnaire; here the synthetic sample stands in for your answers. `calibrate` asks which parameters would have made the model's members
# answer so. With 5,000 runs this takes a few seconds and is too rough to believe; the real thing takes 200,000 and some minutes.

# %%
# %run -m sim new-answers ours.csv --sample

# %%
# %run -m sim calibrate case=pccp answers=ours.csv points=5000 datasets=0 output=fit

# %% [markdown]
# `fit/report.html` tells what the answers say, beside what the model's members answer. Answers are not copied, and no group under five is shown.

# %% [markdown]
# ## 6. A report to send

# %%
answer.save("our_question").name

# %% [markdown]
# ## What to conclude, and what not
#
# - This is a way to think, not a forecast: the numbers come from a file full of guesses and from two published cases.
# - Questions of the form *would this plan do better than that one, and for whom?* are what it is for. Look at whether the answer holds under most parameter sets.
# - Answers of one partnership teach the model next to nothing (`docs/guide/own-partnership.md`); what they are good for is to be talked about with those who gave them.
