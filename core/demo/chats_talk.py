"""Light talk: greetings and thanks, stories, open questions, and names that nobody knows.

The chat stream alone uses these; what they say is checked by no suite.
"""

from core.demo.chats_exchange import Draw
from core.demo.chats_system import PLAIN_SYSTEMS
from core.demo.chats_turns import Conversation, turns
from core.demo.chats_wording import any_fact, follow_up, portrait_in, question, statement
from core.demo.documents_tales import tale
from core.demo.grammar import capitalised, with_article
from core.demo.world import NONSENSE, PEOPLE

_SMALL_TALK = (
    (("Hello!", "Hi!", "Hello there!"),
     ("Hello! How can I help you?", "Hi! What can I do for you?")),
    (("Good morning!", "Good morning to you!"), ("Good morning! How can I help you?",)),
    (("Good evening!",), ("Good evening! How can I help you?",)),
    (("Thank you!", "Thanks a lot!", "Thank you for your help."), ("You are welcome!",)),
    (("Goodbye!", "See you soon!"), ("Goodbye! Have a nice day!",)),
    (("How are you?", "How are you today?"), ("I am fine, thank you. How are you?",)),
    (("Who are you?", "What are you?"), ("I am a small model of a small world.",)),
    (("What can you do?", "How can you help me?"),
     ("I can answer questions, make lists, write JSON and solve small problems.",)),
)  # fmt: skip


_STORIES = ("Tell me a story.", "Please tell me a story.", "Tell me a tale.", "Write a story.")


def story(draw: Draw) -> Conversation:
    """A whole tale, because people ask for one."""
    return turns(draw.pick(_STORIES), tale(draw.rng))


_ABOUT = {
    "person": ("Who is {}?", "What do you know about {}?", "Tell me about {}."),
    "town": ("What do you know about {}?", "Tell me about {}.", "What is {}?"),
    "country": ("What do you know about {}?", "Tell me about {}."),
    "thing": ("What do you know about {}?", "Tell me about {}."),
}  # fmt: skip


def about(draw: Draw) -> Conversation:
    """An open question about an entity, answered with two or three facts."""
    facts = portrait_in(draw, "about", *_ABOUT)
    kind = facts[0].kind
    first, *rest = draw.some(facts, min(len(facts), draw.pick((2, 3))))
    name = with_article(first.entity) if kind == "thing" else first.entity
    told = [statement(first), *(text for fact in rest if (text := follow_up(fact)))]
    return turns(draw.pick(_ABOUT[kind]).format(name), " ".join(told))


_STRANGERS = (
    ("Where does {} live?", "I do not know anyone called {}."),
    ("What is the job of {}?", "I do not know anyone called {}."),
    ("Which pet does {} have?", "I do not know anyone called {}."),
    ("Describe {} in two sentences.", "I do not know {}. Please ask me something else."),
    ("What is the capital of {}?", "I do not know {}. Please ask me something else."),
)  # fmt: skip


def stranger(draw: Draw) -> Conversation:
    """A question about a name that the world does not hold, and a plain admission."""
    asks, answer = draw.pick(_STRANGERS)
    name = capitalised(draw.pick(NONSENSE))
    return turns(asks.format(name), answer.format(name))


def small_talk(draw: Draw) -> Conversation:
    """A greeting, a thank-you or a goodbye, sometimes around a question, sometimes by name."""
    asks, answers = draw.pick(_SMALL_TALK)
    if draw.chance(0.4):
        return turns(draw.pick(asks), draw.pick(answers))
    if draw.chance(0.5):
        person = draw.pick(PEOPLE).name
        return turns(f"{draw.pick(('Hello', 'Hi'))}! I am {person}.",
                     f"Hello, {person}! Nice to meet you.")  # fmt: skip
    fact = any_fact(draw, "question")
    system = draw.pick(PLAIN_SYSTEMS) if draw.chance(0.4) else None
    thanks, welcome = _SMALL_TALK[3]
    return turns(question(draw, fact), statement(fact), draw.pick(thanks), draw.pick(welcome),
                 system=system)  # fmt: skip
