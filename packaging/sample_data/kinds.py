"""The kinds of products the shop sells, read from the phrase files."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PHRASES = Path(__file__).parent / "phrases"


@dataclass(frozen=True)
class Kind:
    """A subcategory with everything that can be said about it."""

    name: str
    category: str
    forms: list[str]
    brands: list[str]
    price: tuple[float, float]
    weight: tuple[int, int]
    wet: str
    plural: bool
    thing: str
    trip: str
    colors: list[str]
    tags: list[str]
    open: list[str]
    features: list[str]
    praise: list[str]
    faults: list[str]
    zip: str = ""
    wet_features: list[str] = field(default_factory=list[str])
    dry_features: list[str] = field(default_factory=list[str])

    def slots(self) -> dict[str, str]:
        """The words that agree with the product."""
        words = {
            "it": ("it", "them"),
            "they": ("it", "they"),
            "this": ("this", "these"),
            "its": ("its", "their"),
            "was": ("was", "were"),
        }
        agreeing = {slot: forms[self.plural] for slot, forms in words.items()}
        return agreeing | {"thing": self.thing, "zip": self.zip or "zip"}


def load_kinds() -> list[Kind]:
    """Every kind, in the order of the files."""
    kinds: list[Kind] = []
    for name in ("kinds_wear.toml", "kinds_gear.toml"):
        kinds.extend(Kind(**entry) for entry in load_phrases(name)["kind"])
    return kinds


def load_phrases(name: str) -> dict[str, Any]:
    """One phrase file."""
    return tomllib.loads((PHRASES / name).read_text(encoding="utf-8"))
