"""Invents the support conversations."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from grammar import Grammar, sentences
from objects import FIRST_DAY, LAST_DAY, Message, identity, iso, moment_between
from products import Sold
from reviews import BAD_ZIPS, COUNTRIES, fault_of, slots_of

CONVERSATIONS = 200
MOST_QUESTIONS = 3
WORN = ("Footwear", "Jackets", "Clothing")
SAFETY = ("Climbing", "Winter Safety")
ISLANDS = ("Kirkwall", "Stornoway", "Lerwick", "Tobermory", "Portree", "Lochmaddy")


@dataclass(frozen=True)
class Line:
    """What one of the two says."""

    role: str
    content: str


def invent_messages(
    sold: list[Sold], phrases: dict[str, Any], grammar: Grammar, random: Random
) -> list[Message]:
    """All conversations, one after the other."""
    messages: list[Message] = []
    for number in range(1, CONVERSATIONS + 1):
        messages.extend(_conversation(f"C-{number:04}", sold, phrases, grammar, random))
    return messages


def _conversation(
    key: str, sold: list[Sold], phrases: dict[str, Any], grammar: Grammar, random: Random
) -> list[Message]:
    topic: dict[str, Any] = random.choice(phrases["topic"])
    item = about(topic["needs"], sold, random)
    customer = grammar.expand("{first} {last}", {})
    agent: str = random.choice(phrases["agents"])
    slots = story_slots(item, grammar, random) | {
        "product": item.product.name,
        "customer_first": customer.split()[0],
        "agent_first": agent.split(maxsplit=1)[0],
    }
    lines = _lines(topic, phrases, slots, grammar, random)
    channel = random.choices(["chat", "email"], [3, 2])[0]
    moment = moment_between(random, max(item.released, FIRST_DAY), LAST_DAY - timedelta(days=12))
    moment = moment.replace(hour=random.randint(8, 18))
    messages: list[Message] = []
    for number, line in enumerate(lines, start=1):
        author = customer if line.role == "customer" else agent
        content = line.content if channel == "chat" else _letter(line, slots, author, first=number <= 2)
        message_id = f"{key}-{number:02}"
        identifier = identity("Messages", message_id)
        stamp = iso(moment)
        messages.append(
            Message(identifier, key, message_id, author, line.role, content, stamp, topic["name"], channel)
        )
        moment += _pause(channel, random)
    return messages


def about(needs: str, sold: list[Sold], random: Random) -> Sold:
    """A product that a topic can be about."""
    weeks_old = [item for item in sold if item.released < datetime(2025, 11, 1, tzinfo=LAST_DAY.tzinfo)]
    match needs:
        case "zip":
            fitting = [item for item in weeks_old if item.kind.zip]
            weights = [6 if item.product.brand == BAD_ZIPS else 1 for item in fitting]
            return random.choices(fitting, weights)[0]
        case "wet":
            fitting = [
                item
                for item in weeks_old
                if item.product.waterproof and item.kind.category in (*WORN, "Tents")
            ]
        case "wear":
            fitting = [item for item in weeks_old if item.kind.category in WORN]
        case "gear":
            fitting = [item for item in weeks_old if item.kind.category != "Camp Kitchen"]
        case "safety":
            fitting = [item for item in weeks_old if item.kind.category in SAFETY]
        case "care":
            fitting = [item for item in weeks_old if item.kind.category in (*WORN, "Sleeping")]
        case _:
            fitting = weeks_old
    return random.choice(fitting)


def story_slots(item: Sold, grammar: Grammar, random: Random) -> dict[str, str]:
    """The facts that stay the same throughout one case."""
    slots = slots_of(item)
    return slots | {
        "order": f"LF-{random.randint(100000, 999999)}",
        "place": grammar.pick("place", {}),
        "small": f"{random.randint(4, 38)}.{random.choice(['00', '50', '95'])}",
        "island": random.choice(ISLANDS),
        "country": random.choice(list(COUNTRIES)[1:]),
        "fault": sentences(fault_of(item, grammar, random)[1]),
    }


def _lines(
    topic: dict[str, Any], phrases: dict[str, Any], slots: dict[str, str], grammar: Grammar, random: Random
) -> list[Line]:
    """Between three and twelve lines: a problem, questions, an answer, and how they part."""
    lines = [Line("customer", sentences(grammar.expand(random.choice(topic["open"]), slots)))]
    greeting = grammar.expand(random.choice(phrases["hello"]), slots)
    for template in random.sample(topic["ask"], k=random.randint(0, min(MOST_QUESTIONS, len(topic["ask"])))):
        question, *answers = grammar.expand(template, slots).split("|")
        lines += [Line("agent", sentences(greeting, question)), Line("customer", random.choice(answers))]
        greeting = ""
    escalated = topic.get("may_escalate", False) and random.random() < 0.3
    answer = random.choice(phrases["escalate"] if escalated else topic["resolve"])
    lines.append(Line("agent", sentences(greeting, grammar.expand(answer, slots))))
    if random.random() < 0.35:
        extra = random.choice(phrases["extra"])
        lines += [
            Line("customer", grammar.expand(extra["ask"], slots)),
            Line("agent", grammar.expand(extra["answer"], slots)),
        ]
    unhappy = escalated and random.random() < 0.6
    farewell, last = ("unhappy", "patience") if unhappy else ("thanks", "close")
    lines.append(Line("customer", sentences(grammar.expand(random.choice(phrases[farewell]), slots))))
    if random.random() < 0.7:
        lines.append(Line("agent", sentences(grammar.expand(random.choice(phrases[last]), slots))))
    return lines


def _letter(line: Line, slots: dict[str, str], author: str, *, first: bool) -> str:
    """A line as an e-mail, with a greeting and a name where people write them."""
    if not first:
        return line.content
    if line.role == "customer":
        return f"Hello,\n\n{line.content}\n\nRegards\n{author}"
    return f"{line.content}\n\nBest wishes\n{slots['agent_first']}, Larkfell support"


def _pause(channel: str, random: Random) -> timedelta:
    if channel == "chat":
        return timedelta(seconds=random.randint(25, 420))
    return timedelta(minutes=random.randint(35, 1500))
