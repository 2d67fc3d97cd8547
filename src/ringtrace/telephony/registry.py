"""Every carrier by its name, and who can stand in for it."""

from __future__ import annotations

from collections.abc import Mapping

from ringtrace.telephony.kamailio.inbound import CARRIER as KAMAILIO
from ringtrace.telephony.kamailio.simulator import SIMULATOR as KAMAILIO_SIMULATOR
from ringtrace.telephony.port import Carrier
from ringtrace.telephony.simulator import Simulator
from ringtrace.telephony.twilio.inbound import CARRIER as TWILIO
from ringtrace.telephony.twilio.simulator import SIMULATOR as TWILIO_SIMULATOR

CARRIERS: Mapping[str, Carrier] = {carrier.name: carrier for carrier in (TWILIO, KAMAILIO)}
SIMULATORS: Mapping[str, Simulator] = {"twilio": TWILIO_SIMULATOR, "kamailio": KAMAILIO_SIMULATOR}
