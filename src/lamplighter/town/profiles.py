"""Kinds of consumer: how a usual day depends on weather, week and season.

The expected energy of a day is ``base * (1 + sum of share * driver)``; the drivers are in
`lamplighter.town.weather`. All shares are assumptions of the twin, set so that an ordinary
household uses 1,500 to 3,000 kWh a year, most in July and August and in January.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A kind of consumer; shares are of the base, per unit of the driver."""

    code: str
    base_kwh: float
    spread: float  # log standard deviation of the base among consumers
    noise: float  # log standard deviation of a day around its expectation
    off: float = 0.0  # on a weekend or holiday
    cooling: float = 0.0  # per degree above 24
    heating: float = 0.0  # per degree below 10
    spring: float = 0.0  # while those who work away are at home
    week: float = 0.0  # National Day and Labour Day weeks
    school_break: float = 0.0
    irrigation: float = 0.0  # at the height of the season
    dark: float = 0.0  # in the longest night


PROFILES: tuple[Profile, ...] = (
    Profile(code="FAMILY", base_kwh=4.6, spread=0.38, noise=0.20, off=0.10, cooling=0.17,
            heating=0.045, spring=0.20, week=0.05, dark=0.12),
    Profile(code="ELDERLY", base_kwh=2.3, spread=0.40, noise=0.17, off=0.03, cooling=0.07,
            heating=0.050, spring=0.55, week=0.20, dark=0.10),
    Profile(code="LEFT_BEHIND", base_kwh=2.6, spread=0.42, noise=0.21, off=0.05, cooling=0.08,
            heating=0.040, spring=1.60, week=0.45, dark=0.10),
    Profile(code="COMMUTER", base_kwh=3.4, spread=0.40, noise=0.26, off=0.30, cooling=0.18,
            heating=0.045, spring=-0.35, week=-0.20, dark=0.12),
    Profile(code="TENANT", base_kwh=3.2, spread=0.45, noise=0.28, off=0.12, cooling=0.16,
            heating=0.040, spring=-0.60, week=-0.15, dark=0.10),
    Profile(code="SECOND_HOME", base_kwh=0.7, spread=0.55, noise=0.45, off=0.55, cooling=0.10,
            heating=0.020, spring=2.20, week=1.20, dark=0.05),
    Profile(code="SHOP", base_kwh=14.0, spread=0.60, noise=0.20, off=0.06, cooling=0.10,
            heating=0.020, spring=-0.45, week=0.10, dark=0.10),
    Profile(code="OFFICE", base_kwh=46.0, spread=0.55, noise=0.14, off=-0.62, cooling=0.11,
            heating=0.030, week=-0.10, dark=0.08),
    Profile(code="SCHOOL", base_kwh=120.0, spread=0.70, noise=0.13, off=-0.45, cooling=0.06,
            heating=0.025, school_break=-0.50, dark=0.10),
    Profile(code="CLINIC", base_kwh=75.0, spread=0.70, noise=0.11, off=-0.15, cooling=0.10,
            heating=0.030, dark=0.06),
    Profile(code="WORKS", base_kwh=150.0, spread=0.70, noise=0.24, off=-0.35, cooling=0.03,
            spring=-0.60, week=-0.35),
    Profile(code="FACTORY", base_kwh=2200.0, spread=0.60, noise=0.12, off=-0.18, cooling=0.02,
            spring=-0.50, week=-0.10),
    Profile(code="IRRIGATION", base_kwh=1.6, spread=0.80, noise=0.60, irrigation=9.0),
    Profile(code="LIGHTING", base_kwh=16.0, spread=0.40, noise=0.05, dark=0.45),
)  # fmt: skip
INDEX = {profile.code: n for n, profile in enumerate(PROFILES)}
HOMES = ("FAMILY", "ELDERLY", "LEFT_BEHIND", "COMMUTER", "TENANT", "SECOND_HOME")
# How homes divide, by the setting of the area. Assumed; rented homes are TENANT in any setting.
HOME_SHARES = {
    "URBAN": (0.62, 0.10, 0.04, 0.19, 0.0, 0.05),
    "SUBURBAN": (0.55, 0.13, 0.17, 0.10, 0.0, 0.05),
    "RURAL": (0.42, 0.20, 0.28, 0.03, 0.0, 0.07),
}
