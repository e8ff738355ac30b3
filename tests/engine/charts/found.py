"""Environments with things to draw."""

from elysia_desktop.core.environment import Environment
from elysia_desktop.engine.charts.tables import tables_of

SHOP = [
    {"name": "Ridge", "category": "Jackets", "price": 150, "rating": 4.5, "made": "2024-03-01T00:00:00Z"},
    {"name": "Fell", "category": "Jackets", "price": 90.5, "rating": 4.0, "made": "2024-01-01T00:00:00Z"},
    {"name": "Tarn", "category": "Boots", "price": 120, "rating": None, "made": "2024-02-01T00:00:00Z"},
]

GROUPS = {
    "num_items": 3,
    "collections": [
        {
            "Products": {
                "price": {
                    "type": "number",
                    "values": [{"value": 120.2, "field": "price", "aggregation": "MEAN"}],
                },
                "category": {
                    "type": "text",
                    "values": [],
                    "groups": {
                        "Jackets": {
                            "values": [
                                {"value": 2, "field": "category", "aggregation": "COUNT"},
                                {"value": 120.25, "field": "price", "aggregation": "MEAN"},
                            ]
                        },
                        "Boots": {
                            "values": [
                                {"value": 1, "field": "category", "aggregation": "COUNT"},
                                {"value": 120, "field": "price", "aggregation": "MEAN"},
                            ]
                        },
                    },
                },
            }
        }
    ],
}


def found(*objects, tool="query", name="Products", **metadata):
    """An environment with one result."""
    made = Environment()
    made.add_objects(tool, name, objects, metadata)
    return made


def table(*objects, **metadata):
    """The newest table of one result."""
    return next(tables_of(found(*objects, **metadata)))
