"""Reports to look at: one self-contained HTML page for a run, a plan or a bill, with charts, and without a network."""
