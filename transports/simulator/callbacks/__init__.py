"""Events as bytes, and the schedule by which they reach an application."""
