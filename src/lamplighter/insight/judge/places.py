"""Where the rows of a block of cases lie: all in one array, lane by lane.

So the compiler need not ask whether rows overlap, and takes all lanes at once.
"""

import numpy as np

WEEKS = 12  # two new, eight that they are compared with, two older
MEMORY_WEEKS = 28  # the last week is looked for in all of these
MEMORY_DAYS = 7 * MEMORY_WEEKS
PAST, LATE, NEW = 2, 10, 11  # the first week of the past; the last two weeks
PAST_WEEKS = LATE - PAST
FROM_STEP = 13  # the first step of the past, from the oldest day
NEAREST_TO = (1, 2, 4, 6, 8)  # weeks, from the last backwards, that others are held against
L = 16  # lanes: all days of so many cases stay beside the processor
ZERO, TENTH, TWO, SEVEN = np.float32(0.0), np.float32(0.1), np.float32(2.0), np.float32(7.0)
EIGHT, OTHERS = np.float32(8.0), np.float32(8.0 / 7.0)  # each against the other seven
E3, INFINITE = np.float32(1e-3), np.float32(np.inf)
N3, N13, N14, N42 = np.float32(3.0), np.float32(13.0), np.float32(14.0), np.float32(42.0)
N55, N56, N63 = np.float32(55.0), np.float32(56.0), np.float32(63.0)
NOISE_LEAST, SLOPE_LEAST = np.float32(4e-4), np.float32(0.002)
# Where the rows of a block begin. Rows that are told:
LEVEL, SPREAD, SHAPE = 0, L * 12, L * 24
PAIR, FLAT, NEWEST, APART, OF_WEEK = L * 36, L * 45, L * 50, L * 53, L * 58
SHAPE_NOW, SHAPE_USUAL, STEP, LOGS, WEEK_STEP = L * 63, L * 70, L * 77, L * 80, L * 150
OVER_TWO, FRESH, NEAR, TOGETHER, TOLD = L * 160, L * 162, L * 164, L * 174, L * 183
# Rows that are not: the days themselves, with the oldest of the twelve weeks; what all points did.
MEMORY = TOLD
DAYS = MEMORY + L * (MEMORY_DAYS - 84)
SHARED, AWAY = MEMORY + L * MEMORY_DAYS, MEMORY + L * (MEMORY_DAYS + 84)
USUAL, NOISE, SUMS = AWAY + L * 84, AWAY + L * 91, AWAY + L * 98
ALL = SUMS + L * 6
