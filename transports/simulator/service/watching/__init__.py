"""What somebody sees who looks on: messages as they move, drawn to the last unit, and the talks of phones."""
