"""A little of what programs do most, done before the program is there.

Memory that a process shares with the zygote is copied where it is first written to, and Python adapts code where it first
runs. Done in the zygote this makes each fork cheaper, done in the forked process it leaves less for the program to wait for.
"""

import sys

# By the package that must be there.
SOURCES = {
    "builtins": """
class Point:
    def __init__(self, x):
        self.x = x

def double(points):
    return {point.x: 2 * point.x for point in points if point.x > 0.5}

print(f"{sum(double([Point(n / 2) for n in range(9)]).values()):.2f}", sorted("text".upper().split("E")), [1][-1:])
raise ValueError("none")
""",
    "numpy": """
import numpy as np
a = np.arange(9.0)
print(a.reshape(3, 3) @ np.ones(3), a.mean(), a[a > 2].sum())
""",
    "pandas": """
import pandas as pd
frame = pd.DataFrame({"a": [1, 2, 2], "b": ["x", "y", "y"]})
print(frame, frame.a.sum(), frame.groupby("b").a.mean())
""",
}


def sources():
    return [source for package, source in SOURCES.items() if package in sys.modules]
