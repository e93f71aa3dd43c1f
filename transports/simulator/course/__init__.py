"""The course of one message: taken in, queued, on the line, with the carrier, at its end."""
