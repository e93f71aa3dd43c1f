"""Make ``campaign.csv``: 12,000 rows of believable application-to-person traffic, and some that are wrong.

    python examples/make_campaign.py [ROWS] > campaign.csv

The same rows every time (a fixed seed). Every number is fictitious: North American 555-01XX, British 07700 900XXX,
and the simulator's own 555-CCCC, which fail with delivery code CCCC. About one row in fifty is bad on purpose, in
every way that real files are: so a run has something to refuse.
"""

import csv
import io
import random
import sys
from collections.abc import Callable, Iterator
from typing import BinaryIO

SEED = 20260102
ROWS = 12_000
COLUMNS = ("to", "from", "text", "media", "tag", "application_id", "priority", "expiration", "key")

Fields = dict[str, str]

AREA_CODES = "201 212 305 312 404 415 503 512 602 615 617 702 713 720 801 813 907 919 972".split()
LONG_CODES = ("+19195550100", "+19845550101", "+12125550102")
TOLL_FREE = ("+18885550100", "+18335550111")
FAILURES = "4303 4404 4406 4720 4720 4721 4730 4750 4770 4775 4775 4780 5600 5620 9902 9902 9999".split()
FIRST_NAMES = ("Ana", "Ben", "Chloé", "Dinesh", "Eva", "Farid", "Grace", "Hugo", "Ines", "Jürgen", "Kim", "Li")
SHOPS = ("Blue Door Books", "Casa Marina", "Fern & Fig", "Northside Bikes", "Ruby's Diner", "The Tea Room")
ITEMS = ("a free coffee", "20% off", "two for one", "free delivery", "a gift card", "early access")
SENTENCES = (
    "Your parcel has left our warehouse and is on its way to you.",
    "The driver will ring once; if nobody is in, it waits at the pick-up point for seven days.",
    "Please bring an identity card or the code that we sent you.",
    "Opening hours are Monday to Saturday, 9 am to 7 pm, and Sunday 11 am to 4 pm.",
    "If the time does not suit you, answer this message with another one.",
    "We have moved: the entrance is now on Orchard Street, beside the bakery.",
    "Your appointment with Dr. Okafor is confirmed; please come ten minutes early.",
    "Do not eat or drink anything but water for six hours before it.",
)
# As word processors write: one such character makes a whole letter UCS-2, of more than twice the segments. Each writer
# has a habit of his own.
TYPOGRAPHIC = (
    (
        "We’ve sent your parcel; it left our warehouse this morning.",
        "You’ll need an identity card or the code that we’ve sent you.",
        "If the time doesn’t suit you, answer this message with another one.",
    ),
    (
        "We are open Monday – Saturday, 9 am – 7 pm, and Sunday, 11 am – 4 pm.",
        "Please come ten minutes early – and bring the form that we sent you.",
    ),
    (
        "“Leave it with a neighbour” is what you have chosen.",
        "Your appointment for “check-up and advice” is confirmed.",
    ),
    (
        "Dr. O’Hara’s “open door” is on Friday — don’t miss it…",
        "We’ve moved – the entrance is now on Orchard Street, beside “The Bakery”.",
    ),
)
ACCENTED = (
    "Grüße aus Köln! Ihre Bestellung {n} ist abholbereit.",
    "Señora Núñez, su cita es mañana a las {n}:15. ¿Puede venir?",
    "À bientôt chez nous: votre café préféré est à 3 €",
    "Total [{n}]: 49,90 € {{inkl. MwSt.}} ~ Danke!",
    "Prix spécial: 12 € | code ÉTÉ{n}",
    "Ordine {n} spedito: arriverà domani, così può stare tranquillo.",
)
OTHER_SCRIPTS = (
    "Ваш код подтверждения: {n}. Никому его не сообщайте.",
    "Здравствуйте! Ваш заказ {n} готов к выдаче, ждём вас до 20:00.",
    "आपका ओटीपी {n} है। कृपया इसे किसी के साथ साझा न करें।",
    "नमस्ते! आपकी क्षमता के अनुसार नई नौकरियाँ उपलब्ध हैं, संख्या {n}।",
    "您的验证码是{n},请勿告诉他人。",
    "尊敬的客户,您的订单{n}已发货,预计明天送达。感谢您的支持!",
)
EMOJI = (
    "Happy birthday {name}! 🎂🎉 Here is {item} from {shop} 🎁",
    "Family day on Sunday 👨‍👩‍👧‍👦 kids eat free 🍕 at {shop}",
    "Your order {n} is out for delivery 🚚💨 thank you 👍🏽",
    "Go team 🇩🇪🇧🇷🇯🇵! Watch the final at {shop} ⚽️🏆",
    "We ❤️‍🔥 our regulars: {item} for you, {name} 🧑🏾‍🍳👩🏻‍🚀",
)
CURLY = (
    "{shop}: it’s our “big” week – {item} for you…",
    "Don’t miss it, {name} — {item} ends tonight!",
)


class Maker:
    """Makes rows from one seeded source of randomness."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.count = 0

    def row(self) -> bytes:
        """Return one row, in fifty of which about one is bad."""
        self.count += 1
        if self.random.random() < 0.02:
            return self.bad_row()
        fields = self.pick(
            (44, self.one_time_code),
            (22, self.marketing),
            (10, self.long_text),
            (8, self.accents),
            (6, self.other_script),
            (5, self.emoji),
            (3, self.picture),
            (2, self.group),
        )()
        if self.random.random() < 0.025:
            area, code = self.random.choice(AREA_CODES), self.random.choice(FAILURES)
            fields["to"] = f"+1{area}555{code}"
        return to_csv(fields)

    def pick(self, *choices: tuple[int, Callable[[], Fields]]) -> Callable[[], Fields]:
        weights, makers = zip(*choices, strict=True)
        return self.random.choices(makers, weights)[0]

    def fill(self, template: str) -> str:
        return template.format(
            n=self.random.randrange(1000, 1_000_000),
            name=self.random.choice(FIRST_NAMES),
            shop=self.random.choice(SHOPS),
            item=self.random.choice(ITEMS),
        )

    def recipient(self) -> str:
        if self.random.random() < 0.04:
            return f"+447700900{self.random.randrange(1000):03d}"
        return f"+1{self.random.choice(AREA_CODES)}55501{self.random.randrange(100):02d}"

    def fields(self, text: str, sender: str | None = None) -> Fields:
        sender = sender or self.random.choice((*LONG_CODES, *TOLL_FREE))
        to = self.recipient()
        while to == sender:
            to = self.recipient()
        return {"to": to, "from": sender, "text": text}

    # ------------------------------------------------------------------------------------------------------ good rows

    def one_time_code(self) -> Fields:
        shop, code = self.random.choice(SHOPS), self.random.randrange(100_000, 1_000_000)
        text = self.random.choice(
            (
                f"{code} is your {shop} code. It expires in 10 minutes.",
                f"Your {shop} verification code: {code}",
                f"{shop}: use {code} to sign in. We never ask for it.",
            )
        )
        return self.fields(text) | {
            "tag": f"otp-{self.count}",
            "priority": "high",
            "expiration": "2030-01-01T00:10:00Z",
            "key": f"otp-{self.count}",
        }

    def marketing(self) -> Fields:
        template = self.random.choice(
            (
                "{shop}: hi {name}, {item} this weekend only! Show this text. Reply STOP to opt out.",
                "{name}, we miss you at {shop}. Come by this week for {item}. Reply STOP to opt out.",
                *CURLY,
            )
        )
        fields = self.fields(self.fill(template)) | {"tag": f"spring-{self.random.randrange(20)}"}
        if self.random.random() < 0.05:
            fields["tag"] += " sim:delay=90s"
        return fields

    def long_text(self) -> Fields:
        wanted = self.random.randrange(300, 1000)
        sentences = self.random.choice(TYPOGRAPHIC) if self.random.random() < 0.4 else SENTENCES
        text = f"Dear {self.random.choice(FIRST_NAMES)}, "
        while len(text) < wanted:
            text += self.random.choice(sentences) + ("\n" if self.random.random() < 0.1 else " ")
        return self.fields(text.strip()) | {"tag": f"letter-{self.count}"}

    def accents(self) -> Fields:
        return self.fields(self.fill(self.random.choice(ACCENTED)))

    def other_script(self) -> Fields:
        return self.fields(self.fill(self.random.choice(OTHER_SCRIPTS)))

    def emoji(self) -> Fields:
        return self.fields(self.fill(self.random.choice(EMOJI)))

    def picture(self) -> Fields:
        urls = [
            f"https://media.example.com/{self.count}/{number}.jpg" for number in range(self.random.choice((1, 1, 2)))
        ]
        text = self.random.choice(("", self.fill("Today's menu at {shop}")))
        return self.fields(text, self.random.choice(LONG_CODES)) | {
            "media": " ".join(urls),
            "tag": f"menu-{self.count}",
        }

    def group(self) -> Fields:
        sender = self.random.choice(LONG_CODES)
        size = self.random.randrange(2, 11)
        recipients: dict[str, None] = {}
        while len(recipients) < size:
            recipients[self.fields("", sender)["to"]] = None
        text = self.fill("Match on Saturday, 10 am at field {n}. Who brings the oranges?")
        return {"to": ";".join(recipients), "from": sender, "text": text, "tag": f"team-{self.count}"}

    # ------------------------------------------------------------------------------------------------------- bad rows

    def bad_row(self) -> bytes:
        good = self.marketing()
        make = self.random.choice(
            (
                self.bad_number,
                self.nothing_to_say,
                self.too_long,
                self.too_many_recipients,
                self.unknown_scheme,
                self.too_few_fields,
                self.open_quote,
                self.wrong_encoding,
            )
        )
        return make(good)

    def bad_number(self, good: Fields) -> bytes:
        number = self.random.choice(
            ("919-555-0123", "+1919555012", "+01234567890", "19195550123", "+1 919 555 0123", "home")
        )
        return to_csv(good | {"to": number})

    def nothing_to_say(self, good: Fields) -> bytes:
        return to_csv(good | {"text": ""})

    def too_long(self, good: Fields) -> bytes:
        return to_csv(good | {"text": "All work and no play makes a long text. " * self.random.randrange(52, 60)})

    def too_many_recipients(self, good: Fields) -> bytes:
        numbers = [f"+1{area}5550123" for area in AREA_CODES[:11]]
        return to_csv(good | {"to": ";".join(numbers), "from": LONG_CODES[0]})

    def unknown_scheme(self, good: Fields) -> bytes:
        return to_csv(
            good | {"media": self.random.choice(("ftp://media.example.com/a.jpg", "file:///tmp/a.jpg", "a.jpg"))}
        )

    def too_few_fields(self, good: Fields) -> bytes:
        return to_csv(good).split(b",", 3)[0] + b"," + LONG_CODES[0].encode() + b",Half a row\n"

    def open_quote(self, good: Fields) -> bytes:
        return f'{good["to"]},{good["from"]},"This quote is never closed,,,,,,\n'.encode()

    def wrong_encoding(self, good: Fields) -> bytes:
        return to_csv(good | {"text": "Café très près, à 5 min"}).decode().encode("latin-1")


def to_csv(fields: Fields) -> bytes:
    """Return one line of CSV."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow([fields.get(column, "") for column in COLUMNS])
    return line.getvalue().encode()


def rows(count: int = ROWS, seed: int = SEED) -> Iterator[bytes]:
    """Yield the header line and ``count`` rows."""
    yield (",".join(COLUMNS) + "\n").encode()
    maker = Maker(seed)
    for _ in range(count):
        yield maker.row()


def write(file: BinaryIO, count: int = ROWS) -> None:
    """Write a campaign of ``count`` rows."""
    for row in rows(count):
        file.write(row)


if __name__ == "__main__":
    write(sys.stdout.buffer, int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
