"""What holds for every test of this tree."""

from hypothesis import HealthCheck, settings

# How long an example takes, and how long it takes to be drawn, says how busy the machine is: a process that stands
# still for a moment misses Hypothesis' 200 ms. All else stays as the profile in force has it.
settings.register_profile(
    "however busy the machine is", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("however busy the machine is")
