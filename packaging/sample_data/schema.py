"""What each property is: its type and its description."""

SCHEMA: dict[str, dict[str, tuple[str, str]]] = {
    "Products": {
        "sku": ("text", "The shop's article number, different for every product"),
        "name": ("text", "Brand, model and form, as printed on the label"),
        "description": ("text", "The text of the shop page"),
        "price": ("float", "Price in pounds"),
        "category": ("text", "Department, for example Tents"),
        "subcategory": ("text", "Kind of product within the department, for example Family tents"),
        "brand": ("text", "Who makes it"),
        "rating": ("float", "Mean of the ratings in Reviews, 1 to 5; empty without reviews"),
        "reviews": ("int", "How many reviews there are in Reviews"),
        "stock": ("int", "Pieces in the warehouse"),
        "weight_g": ("int", "Weight in grams; empty when nobody has weighed it"),
        "waterproof": ("boolean", "Whether it keeps water out; empty where that makes no sense"),
        "tags": ("text[]", "Words to find it by"),
        "colors": ("text[]", "Colours it comes in; empty for food"),
        "released": ("date", "When it was first sold"),
        "discontinued": ("boolean", "Whether it is no longer made"),
    },
    "Reviews": {
        "product_name": ("text", "Name of the reviewed product"),
        "sku": ("text", "Article number of the reviewed product, as in Products"),
        "author": ("text", "Who wrote it"),
        "title": ("text", "Headline of the review"),
        "content": ("text", "The review itself"),
        "rating": ("int", "Stars, 1 to 5"),
        "created_at": ("date", "When it was written"),
        "verified": ("boolean", "Whether the author bought the product here"),
        "helpful_votes": ("int", "How many readers found it helpful"),
        "country": ("text", "Where the author lives"),
    },
    "Messages": {
        "conversation_id": ("text", "The conversation it belongs to"),
        "message_id": ("text", "The conversation and the number of the message in it"),
        "author": ("text", "Who wrote it"),
        "role": ("text", "customer or agent"),
        "content": ("text", "What was written"),
        "timestamp": ("date", "When it was sent"),
        "topic": ("text", "What the conversation is about"),
        "channel": ("text", "chat or email"),
    },
    "Tickets": {
        "ticket_id": ("text", "Number of the ticket"),
        "title": ("text", "The case in a line"),
        "content": ("text", "What happened, and the last note of the team"),
        "author": ("text", "The customer"),
        "status": ("text", "open, pending, solved or closed"),
        "priority": ("text", "low, normal, high or urgent"),
        "category": ("text", "What the case is about"),
        "region": ("text", "Where the customer lives"),
        "product_sku": ("text", "Article number of the product, as in Products; empty when it is about none"),
        "created_at": ("date", "When it came in"),
        "updated_at": ("date", "When it last changed"),
        "resolved_hours": ("float", "Hours until it was resolved; empty while it is not"),
        "satisfaction": ("int", "How the customer rated the help, 1 to 5; empty without an answer"),
        "tags": ("text[]", "Words to find it by"),
        "comments": ("int", "How many comments it has"),
    },
    "Handbook": {
        "title": ("text", "Title of the page"),
        "author": ("text", "Who looks after the page"),
        "category": ("text", "Part of the handbook"),
        "date": ("date", "When it was last changed"),
        "content": ("text", "The page itself"),
        "url": ("text", "Address of the page"),
    },
}

SUMMARIES = {
    "Products": "What Larkfell Outfitters sells or has sold: 500 pieces of outdoor gear from boots "
    "to paddles, with price, rating, stock and weight. Prices went up in 2023. "
    "Reviews and tickets refer to products by sku.",
    "Reviews": "3,000 customer reviews of the products, with stars, text, date and country. "
    "They join Products by sku; some brands are praised, one has trouble with its zips.",
    "Messages": "200 support conversations by chat and e-mail, one object per message, "
    "in which customers describe a problem and the team asks, answers, resolves or escalates.",
    "Tickets": "600 support tickets with category, region, priority, time to resolve and satisfaction. "
    "They peak before Christmas, and the Islands wait longest.",
    "Handbook": "40 pages of the staff and customer handbook: returns, fittings, care, safety checks, "
    "shipping, the workshop and how the shops are run.",
}

MAPPINGS: dict[str, dict[str, dict[str, str]]] = {
    "Products": {
        "product": {
            "name": "name",
            "description": "description",
            "price": "price",
            "category": "category",
            "subcategory": "subcategory",
            "rating": "rating",
            "reviews": "reviews",
            "tags": "tags",
            "brand": "brand",
            "id": "sku",
            "colors": "colors",
        }
    },
    "Reviews": {
        "generic": {
            "title": "title",
            "subtitle": "product_name",
            "content": "content",
            "id": "sku",
            "author": "author",
            "timestamp": "created_at",
            "category": "country",
        }
    },
    "Messages": {
        display: {
            field: field for field in ("content", "author", "timestamp", "conversation_id", "message_id")
        }
        for display in ("conversation", "message")
    },
    "Tickets": {
        "ticket": {
            "title": "title",
            "subtitle": "category",
            "author": "author",
            "content": "content",
            "created_at": "created_at",
            "updated_at": "updated_at",
            "status": "status",
            "id": "ticket_id",
            "tags": "tags",
            "comments": "comments",
        }
    },
    "Handbook": {
        "document": {field: field for field in ("title", "author", "date", "content", "category")},
    },
}

PROMPTS = {
    "Products": [
        "Which waterproof jackets under £200 have the best ratings?",
        "How did prices change from 2022 to 2023?",
        "Show me the lightest two-person tents in stock",
        "Does a higher price mean a better rating for backpacks?",
    ],
    "Reviews": [
        "What do customers say about broken zips?",
        "Which countries give the fewest stars?",
        "Show the most helpful one-star reviews",
        "What is praised most about Halvmark boots?",
    ],
    "Messages": [
        "Show a conversation about a leaking jacket",
        "Which topics come up most in chat?",
        "How do we answer customers who wait for a refund?",
        "Find conversations in which the customer was not happy",
    ],
    "Tickets": [
        "In which months do we get the most tickets?",
        "Which region waits longest for an answer?",
        "List the urgent tickets that are still open",
        "Compare satisfaction between categories",
    ],
    "Handbook": [
        "How many days do customers have to return something?",
        "How do I wash a down jacket?",
        "What does shipping to the islands cost?",
        "What has to be checked on a transceiver?",
    ],
}
