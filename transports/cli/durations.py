"""Times as people say them."""


def duration(seconds: float) -> str:
    """Return a time in the two largest units that say something.

    >>> duration(0.25), duration(90), duration(3700), duration(200_000)
    ('0.2 s', '1 min 30 s', '1 h 1 min', '2 d 7 h')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days:,} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


__all__ = ["duration"]
