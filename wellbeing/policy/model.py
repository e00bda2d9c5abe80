"""What the municipality decides, as frozen dataclasses: the one module that rooms import from.

Pure: no file is read here (`loader` does) and nothing is looked up (`current` does).
"""

from __future__ import annotations

from dataclasses import dataclass

from wellbeing.policy.shapes.calendar import Days, Holiday, SchoolCalendar
from wellbeing.policy.shapes.cases import (
    CasePolicy,
    ClosingPolicy,
    DocumentPolicy,
    ReferralKind,
    Tag,
)
from wellbeing.policy.shapes.followups import (
    AttemptPolicy,
    CheckInAnswer,
    FollowUpKind,
    FollowUpPolicy,
    MissedStep,
    MissedStepHolder,
    Promise,
)
from wellbeing.policy.shapes.line import (
    ContactPageStep,
    DeskPolicy,
    Lifeline,
    LineNumber,
    LinePolicy,
    TextLinePolicy,
)
from wellbeing.policy.shapes.privacy import (
    AccessRequestPolicy,
    BreakGlassPolicy,
    ExportPolicy,
    IdentityPolicy,
    PrivacyPolicy,
    SessionPolicy,
    SignInPolicy,
    StepUpPolicy,
    SuppressionPolicy,
)
from wellbeing.policy.shapes.prompts import (
    Prompts,
    placeholders,
)
from wellbeing.policy.shapes.safety import (
    ReportPolicy,
    RescuePolicy,
    RescueStep,
    Rung,
    SafetyPolicy,
    StepHolder,
)
from wellbeing.policy.shapes.screeners import (
    ScreenerAnswer,
    ScreenerBand,
    ScreenerDefinition,
    ScreenerItem,
)
from wellbeing.policy.shapes.tiers import (
    ChainStep,
    Clock,
    Counts,
    DrillPolicy,
    PageOrder,
    PagingPolicy,
    TierPolicy,
)
from wellbeing.policy.shapes.triage import (
    CLUE_HEADS,
    AgeBand,
    Choice,
    Clues,
    Completion,
    CompositionRule,
    ContextKind,
    ContextRule,
    LevelPolicy,
    Lexicon,
    PhraseKind,
    PhraseRule,
    Reason,
    ScoringPolicy,
    TriagePolicy,
)
from wellbeing.policy.shapes.unasked import leaks
from wellbeing.policy.shapes.voice import (
    RingPlace,
    RingPlan,
    RingStage,
    VoicePolicy,
)
from wellbeing.policy.shapes.words import (
    Hours,
    Language,
    Named,
    PolicyError,
    RiskLevel,
    Tier,
)

__all__ = [
    "CLUE_HEADS",
    "AccessRequestPolicy",
    "AgeBand",
    "AttemptPolicy",
    "BreakGlassPolicy",
    "CasePolicy",
    "ChainStep",
    "CheckInAnswer",
    "Choice",
    "Clock",
    "ClosingPolicy",
    "Clues",
    "Completion",
    "CompositionRule",
    "ContactPageStep",
    "ContextKind",
    "ContextRule",
    "Counts",
    "Days",
    "DeskPolicy",
    "DocumentPolicy",
    "DrillPolicy",
    "ExportPolicy",
    "FollowUpKind",
    "FollowUpPolicy",
    "Holiday",
    "Hours",
    "IdentityPolicy",
    "Language",
    "LevelPolicy",
    "Lexicon",
    "Lifeline",
    "LineNumber",
    "LinePolicy",
    "MissedStep",
    "MissedStepHolder",
    "Named",
    "PageOrder",
    "PagingPolicy",
    "PhraseKind",
    "PhraseRule",
    "Policy",
    "PolicyError",
    "PrivacyPolicy",
    "Promise",
    "Prompts",
    "Reason",
    "ReferralKind",
    "ReportPolicy",
    "RescuePolicy",
    "RescueStep",
    "RingPlace",
    "RingPlan",
    "RingStage",
    "RiskLevel",
    "Rung",
    "SafetyPolicy",
    "SchoolCalendar",
    "ScoringPolicy",
    "ScreenerAnswer",
    "ScreenerBand",
    "ScreenerDefinition",
    "ScreenerItem",
    "SessionPolicy",
    "SignInPolicy",
    "StepHolder",
    "StepUpPolicy",
    "SuppressionPolicy",
    "Tag",
    "TextLinePolicy",
    "Tier",
    "TierPolicy",
    "TriagePolicy",
    "VoicePolicy",
    "leaks",
    "placeholders",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Everything the municipality decided, read once."""

    line: LinePolicy
    triage: TriagePolicy
    tiers: TierPolicy
    cases: CasePolicy
    followups: FollowUpPolicy
    privacy: PrivacyPolicy
    safety: SafetyPolicy
    prompts: Prompts
