"""From what a page says of consent to what may be done."""

from __future__ import annotations

from collections.abc import Mapping

from ringtrace.core.consent import Consent, Said
from ringtrace.privacy.tcf import allows_storage

_SIGNALS = ("ad_storage", "analytics_storage", "ad_user_data", "ad_personalization")
_MEANS = {"granted": True, "denied": False}


def read_consent(said: Said, signals: Mapping[str, str], tc_string: str | None, *, gpc: bool) -> Consent:
    """`signals`: Consent Mode's by name, `granted` or `denied`; `tc_string` None: none, or its law does not apply."""
    if not signals and tc_string is None:
        return _PLAIN[said, gpc]
    return Consent(
        said=said,
        **{name: _MEANS.get(signals.get(name, "")) for name in _SIGNALS},
        tcf=None if tc_string is None else allows_storage(tc_string),
        gpc=gpc,
    )


def may_identify(consent: Consent, *, is_needed: bool) -> bool:
    """Whether the visitor may be given an identifier and a number of their own.

    Any refusal counts, whoever passes it on. Where consent is needed first, one of them must say so; Global Privacy
    Control asks not to sell or share, which measuring for the site itself is not.
    """
    said = (_MEANS.get(consent.said), consent.tcf, consent.analytics_storage)
    return False not in said and (not is_needed or True in said)


_WORDS: tuple[Said, ...] = ("granted", "denied", "unset")
_PLAIN = {(said, gpc): Consent(said=said, gpc=gpc) for said in _WORDS for gpc in (True, False)}
