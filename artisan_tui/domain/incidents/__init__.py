"""Rules of incidents: severities, states, clocks, and what each act leads to."""
