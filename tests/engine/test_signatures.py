import gc
import weakref

from elysia_desktop.engine.signatures import Output, any_of, one_of, shape_of, signature


def declared():
    outputs = {
        "word": Output(str, "a word", max_length=5),
        "kind": Output(one_of(["a", "b"]), "which"),
        "either": Output(any_of([int, list[str]]), ""),
    }
    return signature("Asked", "Fill in.", ["question"], outputs)


def test_a_reply_has_the_fields_their_order_and_their_bounds():
    shape = shape_of(declared())
    assert list(shape.outputs.model_fields) == ["word", "kind", "either"]
    assert shape.schema["properties"]["word"] == {"maxLength": 5, "type": "string"}
    assert shape.schema["properties"]["kind"]["enum"] == ["a", "b"]
    assert 'kind: "a"|"b"  // which' in shape.described


def test_the_shape_of_a_signature_is_worked_out_once():
    asked = declared()
    assert shape_of(asked) is shape_of(asked)
    assert shape_of(asked) is not shape_of(declared())


def test_a_signature_that_is_no_longer_used_is_not_kept():
    asked = declared()
    outputs = weakref.ref(shape_of(asked).outputs)
    del asked
    gc.collect()
    gc.collect()  # the shape goes only after its signature has gone
    assert outputs() is None
