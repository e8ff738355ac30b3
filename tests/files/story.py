"""The story that the sample files tell, as it must be found in each of them."""

from __future__ import annotations

TITLE = "The Harbour of Elmsund"
HEADINGS = (
    (1, TITLE),
    (2, "The old bridge"),
    (2, "The market"),
    (3, "Prices in March"),
    (2, "The way to the lighthouse"),
)
"""Levels and words, in order."""

BRIDGE = (
    "The bridge over the Elm was opened on 3 March 1954, two years later than planned. "
    "Larger ships have to wait until the bridge keeper lifts the southern half, which takes eleven minutes. "
    "The ferryman Jürgen Öhlschläger has counted every crossing since 1987.",
    "Nobody believed at first that the pillars would hold. The engineer, Dr. Agnes Weiß, moved into a house below "
    "the arch and lived there for nine winters. When she left, the town named the square behind it after her. "
    "Trams have crossed the bridge since the spring of 1961, and on Sundays they are drawn by horses.",
)
MARKET = (
    "The market opens at five in the morning. The café on the quay sells smørrebrød, crème brûlée and coffee that "
    "is stronger than it looks. Whoever comes after nine finds only herrings and the people who sell them.",
)
ITEMS = (
    "Bring a basket, because bags are not sold here.",
    "Pay the fishermen first and the bakers afterwards.",
    "Never ask where the oysters come from.",
)
TABLE = (
    ("Ware", "Unit", "Price"),
    ("Herring", "barrel", "14.50"),
    ("Rye bread", "loaf", "3.20"),
    ("Älgskinn", "piece", "210.00"),
)
LIGHTHOUSE = (
    "The path to the lighthouse begins behind the last warehouse and follows the dyke for four kilometres. "
    "It can be walked at low tide only. At high tide a boat leaves every forty minutes from the small pier.",
    "The keeper, Ingrid Sjöberg, wrote down the weather every evening for thirty-one years. Her books are kept in "
    "the town hall, and anyone may read them. The last entry says that the wind had turned to the west and that "
    "she had seen a green light above the sea, which nobody has explained to this day.",
    "Since then the lamp has been lit by a clock. It turns once in twelve seconds and can be seen from the ferry to "
    "Ångholmen. Visitors climb the 214 steps between May and September; in winter the door is frozen shut.",
)

SENTENCES = (
    "opened on 3 March 1954, two years later than planned",
    "The ferryman Jürgen Öhlschläger has counted every crossing since 1987.",
    "Dr. Agnes Weiß, moved into a house below the arch",
    "drawn by horses.",
    "The market opens at five in the morning.",
    "sells smørrebrød, crème brûlée and coffee",
    "Bring a basket, because bags are not sold here.",
    "Never ask where the oysters come from.",
    "Älgskinn",
    "follows the dyke for four kilometres.",
    "Ingrid Sjöberg, wrote down the weather every evening",
    "a green light above the sea",
    "the ferry to Ångholmen.",
    "in winter the door is frozen shut.",
)
"""What is found in this order, whatever the blanks between words."""

ROWS = (
    {
        "name": "Rope",
        "price": "12.5",
        "town": "Ålesund",
        "remark": 'Strong; sold by the "fathom", never by weight',
    },
    {"name": "Lantern", "price": "80", "town": "Göteborg", "remark": "Burns for nine hours, says the label"},
    {
        "name": "Anchor",
        "price": "410",
        "town": "Kołobrzeg",
        "remark": '=HYPERLINK("http://localhost/x","cheap")',
    },
    {"name": "Sail cloth", "price": "33.25", "town": "Saint-Malo", "remark": "Two lines:\nwhite and red"},
    {"name": "Compass", "price": "155", "town": "Elmsund", "remark": ""},
    {"name": "Bell", "price": "61.9", "town": "Reykjavík", "remark": "Rings in fog | and at noon"},
)
"""The tables' rows: with delimiters, quotes, a formula, a line break and an empty value."""
