"""Work done in the background: tasks of five lines that call one flow and can run twice.

MODULES lists where they are; a file of tasks is a line here.
"""

MODULES = [
    "counterfoil.jobs.rescue",
    "counterfoil.jobs.billing",
    "counterfoil.jobs.forgetting",
    "counterfoil.jobs.comparing",
    "counterfoil.jobs.adding_up",
    "counterfoil.jobs.printing",
    "counterfoil.jobs.importing",
    "counterfoil.jobs.scheduling",
    "counterfoil.jobs.consolidating",
    "counterfoil.jobs.stating",
    "counterfoil.jobs.sealing",
]
