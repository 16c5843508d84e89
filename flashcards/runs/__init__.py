"""What happened: events, commands, the run folder and the state they fold into. Knows no tensor."""
