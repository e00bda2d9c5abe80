"""Scheduled work: sweeps over rows that are due, the watch over them, and their scheduler.

The truth is in the tables, so a restart loses nothing; rows are claimed by guarded updates, so any
number of these processes may run. No rule lives here.
"""

from __future__ import annotations

from wellbeing.jobs.rows import Paced, RowSweep, Sweep, Together
from wellbeing.jobs.scheduling import command, scheduler, watch_orders
from wellbeing.jobs.sweeps import SWEEPS, next_due_at, run_due

__all__ = [
    "SWEEPS",
    "Paced",
    "RowSweep",
    "Sweep",
    "Together",
    "command",
    "next_due_at",
    "run_due",
    "scheduler",
    "watch_orders",
]
