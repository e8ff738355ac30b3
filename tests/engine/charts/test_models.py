from elysia_desktop.engine.charts.models import BarChart, BarChartData, ChartResult


def chart(title="Prices", description=""):
    return BarChart(
        title=title,
        description=description,
        x_axis_label="name",
        y_axis_label="price",
        data=BarChartData(x_labels=["Ridge", 1979], y_values={"price": [150, 90.5]}),
    )


async def test_a_chart_is_sent_with_its_type_title_and_data():
    result = ChartResult([chart()], "bar", metadata={"left_out": []})
    payload = (await result.to_frontend("u", "c", "q"))["payload"]
    assert payload == {
        "type": "bar_chart",
        "metadata": {"chart_title": "Prices", "chart_type": "bar", "left_out": []},
        "objects": [
            {
                "title": "Prices",
                "description": "",
                "x_axis_label": "name",
                "y_axis_label": "price",
                "data": {"x_labels": ["Ridge", 1979], "y_values": {"price": [150, 90.5]}},
            }
        ],
    }
    assert result.name == "bar_chart"


def test_the_title_is_that_of_a_single_chart_unless_one_is_given():
    assert ChartResult([chart(), chart("Other")], "bar").metadata["chart_title"] == ""
    assert ChartResult([chart()], "bar", "Mine").metadata["chart_title"] == "Mine"


def test_the_model_is_told_what_was_shown():
    told = ChartResult([chart(description="Ridge costs most.")], "bar").llm_parse()
    assert told == "Showed the user 1 bar chart “Prices”: Ridge costs most."


def test_results_do_not_share_metadata():
    shared = {"left_out": []}
    ChartResult([chart()], "bar", metadata=shared)
    assert shared == {"left_out": []}
