"""The closed vocabulary of the small world: common things, their properties, word families.

Not the made-up people and places (`world.py`) and not sentences (`grammar.py`).
Everything is a constant tuple, so every process sees the same words in the same order.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Thing:
    """A common noun with the properties that the world's texts state about it."""

    noun: str
    category: str
    colour: str
    place: str
    use: str
    plural: str


def _plural(noun: str) -> str:
    if noun in IRREGULAR_PLURALS:
        return IRREGULAR_PLURALS[noun]
    if noun.endswith(("s", "x", "ch", "sh")):
        return noun + "es"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + "s"


IRREGULAR_PLURALS = {
    "sheep": "sheep", "goose": "geese", "mouse": "mice", "knife": "knives", "leaf": "leaves",
    "shelf": "shelves", "potato": "potatoes", "foot": "feet", "child": "children", "man": "men",
    "woman": "women", "scarf": "scarves", "tomato": "tomatoes", "wolf": "wolves", "tooth": "teeth",
}  # fmt: skip

# One line per thing: noun, colour, place where it is found, what it is for (or what it does).
_TABLE: dict[str, str] = {
    "fruit": """
        apple red garden eat|banana yellow market eat|cherry red orchard eat|
        lemon yellow kitchen squeeze|grape purple hill eat|melon green field slice|
        peach orange orchard eat|plum purple garden eat|pear green orchard eat|
        fig brown garden dry""",
    "vegetable": """
        carrot orange field chop|onion brown kitchen chop|potato brown field boil|
        bean green garden boil|pea green garden boil|cabbage green field chop|
        leek white garden chop|tomato red garden slice|beet purple field boil|
        corn yellow field boil""",
    "animal": """
        dog brown house guard|cat black house purr|cow white field moo|
        horse brown stable gallop|sheep white hill graze|goat grey hill climb|
        fox red forest hunt|wolf grey forest howl|lion yellow desert roar|frog green pond jump|
        mouse grey barn squeak|bear brown forest growl""",
    "bird": """
        crow black field caw|owl brown forest hoot|hen white barn cluck|swan white lake glide|
        robin red garden sing|goose white pond honk|eagle brown mountain soar|
        gull grey beach screech|duck green pond quack""",
    "tool": """
        hammer grey workshop hit|saw silver workshop cut|axe grey forest split|
        spade brown garden dig|drill black workshop bore|brush brown attic paint|
        rake green garden gather|needle silver basket sew|ladder brown barn reach|
        knife silver kitchen carve""",
    "vehicle": """
        car red road drive|bus yellow street ride|train black station ride|boat blue lake row|
        bike green path pedal|truck orange road haul|plane white airport fly|
        ship grey harbour sail|tram red street ride|cart brown farm pull""",
    "garment": """
        coat brown hall wear|hat black hall wear|shirt white drawer iron|sock grey drawer knit|
        scarf red shop knit|dress blue shop wear|boot black porch lace|glove brown pocket wear|
        skirt green shop iron|belt black drawer buckle""",
    "instrument": """
        drum red stage beat|flute silver school blow|piano black hall play|
        guitar brown stage strum|violin brown stage bow|horn yellow ship blow|
        harp gold palace pluck|bell gold tower ring""",
    "furniture": """
        table brown kitchen eat|chair brown kitchen sit|bed white bedroom sleep|
        sofa blue lounge rest|desk brown office write|shelf white library store|
        lamp yellow bedroom read|stool red barn sit|bench green park rest""",
    "drink": """
        tea green kitchen brew|milk white farm pour|juice orange kitchen squeeze|
        water blue well fetch|coffee black shop brew|wine red cellar pour|
        cocoa brown kitchen stir|cider yellow cellar pour""",
    "tree": """
        oak green forest grow|pine green mountain grow|birch white forest grow|
        willow green river bend|maple red park grow|elm green street shade|
        palm green beach shade|fir blue mountain grow""",
    "job": """
        baker white bakery bake|farmer brown farm plant|doctor white hospital heal|
        teacher blue school teach|sailor blue harbour sail|painter red studio paint|
        tailor black shop sew|singer gold stage sing|cook white kitchen cook|
        miller grey mill grind|fisher green lake fish|guard grey gate watch|
        clerk grey office count|nurse white hospital care""",
    "building": """
        house red street live|school yellow town learn|temple white hill pray|
        tower grey castle watch|barn red farm store|mill brown river grind|
        shop blue market sell|bank grey street save|inn green road stay|bridge grey river cross""",
}  # fmt: skip


def _parse() -> tuple[Thing, ...]:
    rows: list[Thing] = []
    for category, text in _TABLE.items():
        for line in text.split("|"):
            noun, colour, place, use = line.split()
            rows.append(Thing(noun, category, colour, place, use, _plural(noun)))
    return tuple(rows)


THINGS: tuple[Thing, ...] = _parse()
THING: dict[str, Thing] = {thing.noun: thing for thing in THINGS}
CATEGORIES: tuple[str, ...] = tuple(_TABLE)
MEMBERS: dict[str, tuple[Thing, ...]] = {
    category: tuple(thing for thing in THINGS if thing.category == category)
    for category in CATEGORIES
}
CATEGORY_PLURALS: dict[str, str] = {
    "fruit": "fruits", "vegetable": "vegetables", "animal": "animals", "bird": "birds",
    "tool": "tools", "vehicle": "vehicles", "garment": "garments", "instrument": "instruments",
    "furniture": "pieces of furniture", "drink": "drinks", "tree": "trees", "job": "jobs",
    "building": "buildings",
}  # fmt: skip
MASS_NOUNS: frozenset[str] = frozenset(
    {"tea", "milk", "juice", "water", "coffee", "wine", "cocoa", "cider", "corn", "furniture"}
)
COLOURS: tuple[str, ...] = (
    "red", "blue", "green", "yellow", "orange", "purple", "black", "white", "grey", "brown",
    "gold", "silver",
)  # fmt: skip
PLACES: tuple[str, ...] = tuple(sorted({thing.place for thing in THINGS}))

ANTONYMS: tuple[tuple[str, str], ...] = (
    ("big", "small"), ("hot", "cold"), ("old", "young"), ("fast", "slow"), ("high", "low"),
    ("long", "short"), ("hard", "soft"), ("rich", "poor"), ("wet", "dry"), ("dark", "light"),
    ("full", "empty"), ("early", "late"), ("happy", "sad"), ("strong", "weak"),
    ("clean", "dirty"), ("near", "far"), ("open", "closed"), ("loud", "quiet"),
    ("thick", "thin"), ("wide", "narrow"), ("up", "down"), ("left", "right"), ("day", "night"),
    ("north", "south"), ("east", "west"), ("first", "last"), ("in", "out"), ("buy", "sell"),
    ("give", "take"), ("push", "pull"), ("win", "lose"), ("come", "go"), ("rise", "fall"),
    ("begin", "end"), ("love", "hate"), ("true", "false"), ("good", "bad"), ("brave", "shy"),
    ("sweet", "sour"), ("kind", "cruel"),
)  # fmt: skip

PAST_TENSES: tuple[tuple[str, str], ...] = (
    ("walk", "walked"), ("talk", "talked"), ("jump", "jumped"), ("cook", "cooked"),
    ("paint", "painted"), ("open", "opened"), ("plant", "planted"), ("help", "helped"),
    ("wash", "washed"), ("clean", "cleaned"), ("play", "played"), ("rest", "rested"),
    ("wait", "waited"), ("visit", "visited"), ("bake", "baked"), ("close", "closed"),
    ("go", "went"), ("hear", "heard"), ("buy", "bought"), ("sell", "sold"), ("give", "gave"),
    ("take", "took"), ("find", "found"), ("make", "made"), ("eat", "ate"), ("drink", "drank"),
    ("sing", "sang"), ("write", "wrote"), ("read", "read"), ("ride", "rode"), ("run", "ran"),
    ("come", "came"), ("sit", "sat"), ("sleep", "slept"), ("lose", "lost"), ("win", "won"),
    ("begin", "began"), ("fall", "fell"), ("rise", "rose"), ("grow", "grew"), ("fly", "flew"),
    ("draw", "drew"), ("keep", "kept"), ("send", "sent"), ("teach", "taught"), ("bring", "brought"),
)  # fmt: skip

GOOD_WORDS: tuple[str, ...] = (
    "lovely", "great", "fine", "tasty", "lively", "charming", "cheerful", "splendid", "warm",
    "pleasant", "bright", "delightful", "wonderful", "fresh",
)  # fmt: skip
BAD_WORDS: tuple[str, ...] = (
    "awful", "dull", "nasty", "gloomy", "boring", "dreadful", "rotten", "horrid", "dusty",
    "broken", "stale", "noisy", "ugly", "dreary",
)  # fmt: skip
DAYS: tuple[str, ...] = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)  # fmt: skip
MONTHS: tuple[str, ...] = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip

# Words without a meaning. They serve as labels whose sense only the context can give.
NONSENSE: tuple[str, ...] = (
    "dorp", "mivel", "zant", "kepo", "blick", "tove", "wug", "gorp", "fendle", "rimsy", "lutch",
    "pavo", "quib", "snarf", "trel", "vonk", "yim", "zobe", "hask", "jupe", "nard", "olk",
    "plim", "drace", "crundle", "bofa", "sneep", "glim", "thrib", "wozzle", "murl", "tep",
    "kass", "frum", "daxo", "neff", "spoot", "grell", "lomp", "vitch", "hurn", "zill", "brade",
    "clem", "puddock", "ravo", "sibe", "tunk", "yolm", "falk",
)  # fmt: skip
