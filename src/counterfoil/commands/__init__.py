"""The `counterfoil` program: one file per verb."""
