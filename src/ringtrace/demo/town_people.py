"""The people of the town: their browsers and their phones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ringtrace.demo.town_chance import Chance

# Tracking and business numbers of the demo are in these area codes; nobody calls from them.
KEPT_AREA_CODES = ("310", "213")
_NEAR = ("323", "424", "562", "626", "657", "661", "714", "747", "805", "818", "909", "949", "951")
_FAR = (
    "202", "205", "206", "208", "210", "214", "216", "217", "225", "228", "240", "248", "251", "253", "260", "262",
    "267", "270", "281", "301", "303", "305", "312", "314", "316", "317", "318", "321", "330", "334", "347", "352",
    "360", "385", "402", "404", "405", "407", "408", "412", "415", "417", "425", "432", "434", "440", "443", "469",
    "480", "484", "501", "502", "503", "504", "505", "508", "509", "510", "512", "513", "515", "516", "518", "520",
    "530", "541", "559", "561", "571", "573", "602", "603", "605", "608", "609", "610", "612", "614", "615", "616",
    "617", "619", "623", "630", "646", "650", "651", "682", "702", "703", "704", "706", "713", "716", "717", "719",
)  # fmt: skip
_SPAM_AREA_CODES = ("725", "737", "754", "762", "769", "772", "773", "775", "786", "801")

_WITHHOLD = 0.04
_SHARED_PHONE = 0.02
_CLEARED_COOKIES = 0.06
_OTHER_DEVICE = 0.3

_KIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
_SAFARI_KIT = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6"
_AGENTS: dict[str, tuple[str, ...]] = {
    "mobile": (
        f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) {_SAFARI_KIT} Mobile/15E148 Safari/604.1",
        f"Mozilla/5.0 (Linux; Android 10; K) {_KIT} Chrome/142.0.0.0 Mobile Safari/537.36",
        "Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0",
    ),
    "desktop": (
        f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_KIT} Chrome/142.0.0.0 Safari/537.36",
        f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_SAFARI_KIT} Safari/605.1.15",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
    ),
    "tablet": (f"Mozilla/5.0 (Linux; Android 13; SM-X200) {_KIT} Chrome/142.0.0.0 Safari/537.36",),
}
_DEVICES = (("mobile", 0.66), ("desktop", 0.30), ("tablet", 0.04))
BOT_AGENT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


@dataclass
class Browser:
    """One browser of one person. Clearing its cookies makes it another to the site."""

    token: str
    device: str
    user_agent: str


@dataclass
class Person:
    """Somebody in the town. `phone_e164` None: withholds the number; it is drawn with the first call."""

    person_id: str
    browsers: list[Browser] = field(default_factory=list)
    has_phone: bool = False
    phone_e164: str | None = None


class Crowd:
    """Everybody so far. Customers are those who called and were answered."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._people = 0
        self._numbers = _phone_numbers(chance)
        self._given: list[str] = []
        self._spam_numbers = [f"+1{area}555{line:04d}" for area in _SPAM_AREA_CODES for line in range(100, 200)]
        self.customers: list[Person] = []

    def newcomer(self) -> Person:
        self._people += 1
        return Person(f"person-{self._people:05d}")

    def someone(self, known: float) -> Person:
        """A customer with probability `known`, where there are any; else somebody new."""
        if self.customers and self._chance.happens(known):
            return self._chance.choice(self.customers)
        return self.newcomer()

    def browser_of(self, person: Person) -> Browser:
        """The browser of this visit: mostly the last one used, sometimes another device or one without cookies."""
        if person.browsers and not self._chance.happens(_OTHER_DEVICE):
            last = person.browsers[-1]
            if not self._chance.happens(_CLEARED_COOKIES):
                return last
            return self._add(person, last.device, last.user_agent)
        device = self._chance.among(_DEVICES)
        for index, browser in enumerate(person.browsers):
            if browser.device == device:
                person.browsers.append(person.browsers.pop(index))
                return browser
        return self._add(person, device, self._chance.choice(_AGENTS[device]))

    def phone_of(self, person: Person) -> str | None:
        if not person.has_phone:
            person.has_phone = True
            person.phone_e164 = None if self._chance.happens(_WITHHOLD) else self._new_phone()
        return person.phone_e164

    def spam_phone(self) -> str:
        return self._chance.choice(self._spam_numbers)

    def _new_phone(self) -> str:
        if self._given and self._chance.happens(_SHARED_PHONE):
            return self._chance.choice(self._given)
        phone = next(self._numbers, None) or self._chance.choice(self._given)
        self._given.append(phone)
        return phone

    def _add(self, person: Person, device: str, user_agent: str) -> Browser:
        browser = Browser(self._chance.token(), device, user_agent)
        person.browsers.append(browser)
        return browser


def _phone_numbers(chance: Chance) -> Iterator[str]:
    """Numbers kept for fiction (555-0100 to 555-0199 of each area code), most from nearby while they last."""
    near = [f"+1{area}555{line:04d}" for area in _NEAR for line in range(100, 200)]
    far = [f"+1{area}555{line:04d}" for area in _FAR for line in range(100, 200)]
    chance.shuffle(near)
    chance.shuffle(far)
    while near or far:
        yield (near if near and (not far or chance.happens(0.85)) else far).pop()
