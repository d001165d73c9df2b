"""How good the models are: each subject measured on a file, with the baseline that it has to beat beside it.

A subject's module offers `evaluate(files, seed, say) -> Report`; whoever writes one lists it here.
"""

from app.insights.learning.evaluation import recommend, remaining, risk, texts
from app.insights.learning.evaluation.files import Files, find
from app.insights.learning.evaluation.reporting import Comparison, Report, Say, Subject

# In the order in which they are measured and written down.
SUBJECTS: tuple[Subject, ...] = (
    Subject("texts", "texts", "banking77_train.csv", texts.evaluate),
    Subject("recommend", "households", "complete_journey_*hh_*.parquet", recommend.evaluate),
    Subject("risk", "bookings", "hotel_bookings*.csv*", risk.evaluate),
    Subject("remaining", "log", "helpdesk*.xes*", remaining.evaluate),
)

__all__ = ["SUBJECTS", "Comparison", "Files", "Report", "Say", "Subject", "find"]
