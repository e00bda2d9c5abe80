"""The policy in force in this process; it is read by `loader` and installed once at the start."""

from __future__ import annotations

from wellbeing.policy.model import Policy, PolicyError


class _InForce:
    policy: Policy | None = None


def install(policy: Policy) -> None:
    """Put a loaded policy in force; `app.py` calls this, and tests do."""
    _InForce.policy = policy


def current() -> Policy:
    """Tell the policy in force.

    Raises:
        PolicyError: none was installed.

    """
    if _InForce.policy is None:
        raise PolicyError("no policy is installed")
    return _InForce.policy
