"""Reading a designed experiment: boundaries that allow looking early, and the comparison of its variants."""

from app.insights.learning.experiments.analysis import Comparison, Summary, compare
from app.insights.learning.experiments.boundaries import Course, critical_values
from app.insights.learning.experiments.looking import Guard, Plan, Reading, look
from app.insights.learning.experiments.simulating import Played, Scene, play

__all__ = [
    "Comparison",
    "Course",
    "Guard",
    "Plan",
    "Played",
    "Reading",
    "Scene",
    "Summary",
    "compare",
    "critical_values",
    "look",
    "play",
]
