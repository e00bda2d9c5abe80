"""How pages name tags. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask_babel import gettext

from wellbeing.cases.queries import work
from wellbeing.cases.rules.work import OWN
from wellbeing.policy import current as policy
from wellbeing.portal import pages


def name(*, key: str) -> str:
    """Name a tag of the policy; one of a site is named by `names`, with one query for all."""
    found = policy.current().cases.tags.get(key)
    if found is not None:
        return found.name(language=pages.language())
    return gettext("a tag of the site") if key.startswith(OWN) else key


def names(*, keys: Iterable[str]) -> Mapping[str, str]:
    """Name tags of the policy and of sites, retired ones too."""
    wanted = tuple(keys)
    own = work.site_tags_named(keys=wanted)
    return {key: own[key].name if key in own else name(key=key) for key in wanted}


def offered(*, path: str) -> dict[str, str]:
    """Name the tags that a case of a unit may be given: the policy's, then the site's own."""
    language = pages.language()
    found = {key: one.name(language=language) for key, one in policy.current().cases.tags.items()}
    return found | {one.key: one.name for one in work.site_tags(organization_path=path)}


def searchable(*, path: str) -> list[tuple[str, str]]:
    """Name the tags that cases may be found by: also those of units below, and retired ones."""
    found = offered(path=path)
    for one in work.site_tags_within(path=path):
        found.setdefault(one.key, one.name)
    return list(found.items())
