"""A company by what the command line calls it."""

from __future__ import annotations

from django.db.models import Q

from ringtrace.core.errors import BadInput, NotFound
from ringtrace.web.models import Company


def find_company(name: str | None) -> Company:
    """The company of this id or name; without one, the only company there is. Raises NotFound, BadInput.

    One that was removed is found by its id alone.
    """
    there = Company.objects.filter(removed_ms=None)
    if name is None:
        found = list(there[:2])
        if len(found) != 1:
            raise BadInput("There is not exactly one company.", hint="Name one by --company.")
        return found[0]
    found = list(Company.objects.filter(Q(pk=name) | Q(name=name, removed_ms=None))[:2])
    if len(found) != 1:
        names = ", ".join(f"{each.name} ({each.pk})" for each in there.order_by("name")[:20])
        raise NotFound(f"There is not exactly one company {name!r}.", hint=f"There are: {names}.")
    return found[0]
