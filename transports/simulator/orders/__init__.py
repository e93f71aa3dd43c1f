"""What the dashboard does with numbers: search, buy, move, disconnect, options, port-ins. Pure, and without XML."""
