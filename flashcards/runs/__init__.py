"""Runs: events, commands, the run folder and the state that events fold into. Knows no tensor."""
