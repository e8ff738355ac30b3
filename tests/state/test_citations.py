from elysia_desktop.core.environment import Environment
from elysia_desktop.core.sources import Source, Sources
from elysia_desktop.state.citations import answer_of, with_sources
from elysia_desktop.state.messages import Message


def environment_with_one():
    environment = Environment()
    (item,) = environment.add_objects("search_documents", "a.pdf", [{"content": "Blue."}])
    assert Sources(environment).number(item["_REF_ID"]) == 1
    return environment


async def test_what_a_model_wrote_becomes_an_answer_with_citations_under_the_messages_id():
    message = Message.ASSISTANT("The sky is blue [source1]. I think [source4].")
    answer = answer_of(message, environment_with_one())
    payload = await answer.to_frontend("u", "c", "q")
    assert payload["id"] == message.id
    assert payload["payload"] == {
        "type": "text_with_citations",
        "metadata": {},
        "objects": [
            {"text": "The sky is blue.", "ref_ids": ["search_documents_a.pdf_1_0"]},
            {"text": " I think.", "ref_ids": []},
        ],
    }
    assert answer.text == "The sky is blue. I think."


async def test_an_answer_that_cites_nothing_is_a_plain_one():
    answer = answer_of(Message.ASSISTANT("I do not know [source9]."), environment_with_one())
    assert (answer.payload_type, answer.text) == ("response", "I do not know.")


def test_a_message_names_its_sources_on_a_copy():
    message = Message.ASSISTANT("Blue [source1, source9].")
    made = with_sources(message, environment_with_one())
    assert made.sources == (Source(1, "search_documents_a.pdf_1_0"),)
    assert (made.id, message.sources) == (message.id, ())
