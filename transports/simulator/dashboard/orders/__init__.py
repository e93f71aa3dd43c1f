"""Orders: new numbers, disconnects, options, moves; each with its notes and its history."""
