"""How the sample tables and JSON files are made."""

from __future__ import annotations

from pathlib import Path

from files.recipes import command, node, office, printed, python, run


def _rows(work: Path) -> None:
    """The rows as JSON and CSV, for programs that read them from there."""
    import csv
    import json

    from files.story import ROWS

    (work / "rows.json").write_text(json.dumps(ROWS), encoding="utf-8")
    with (work / "rows.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ROWS[0])
        writer.writeheader()
        writer.writerows(ROWS)


def _of_rows(recipe):
    def make(work: Path, made: Path) -> None:
        _rows(work)
        recipe(work, made)

    return make


def _given(code: str, *words: str):
    """A recipe: what a program prints that is told to on its standard input."""

    def make(work: Path, made: Path) -> None:
        made.write_bytes(run(*words, given=code.encode()))

    return make


def _excel(form: str):
    """A recipe: a spreadsheet is converted, whose texts are texts."""

    def make(work: Path, made: Path) -> None:
        python(
            "import json, openpyxl\nbook = openpyxl.Workbook()\nrows = json.load(open('rows.json'))\n"
            "book.active.append(list(rows[0]))\n"
            "for number, row in enumerate(rows, 2):\n"
            "    for column, value in enumerate(row.values(), 1):\n"
            "        cell = book.active.cell(number, column)\n"
            "        cell.value = float(value) if column == 2 else value\n"
            "        cell.data_type = 'n' if column == 2 else 's'\n"
            "book.save('rows.xlsx')"
        )(work, made)
        if form == "ssconvert":
            run("ssconvert", "rows.xlsx", made)
        else:
            office("rows.xlsx", form)(work, made)

    return make


_PANDAS = "import json, pandas\ntable = pandas.DataFrame(json.load(open('rows.json')))\n"
_POLARS = "import polars\ntable = polars.read_json('rows.json')\n"
_DUCKDB = "import duckdb\nduckdb.sql(\"copy (select * from read_json('rows.json')) to '\" + out + \"' "
_SQLITE = ".import --csv rows.csv rows\n"
_NODE = "const rows = JSON.parse(fs.readFileSync('rows.json'));\n"
_ARROW = "import csv, json, pyarrow as pa, pyarrow.csv\ntable = pa.Table.from_pylist(json.load(open('rows.json')))\n"
_NESTED = (
    "import json\nfrom collections import defaultdict\nrows = json.load(open('rows.json'))\n"
    "told = {'shop': {'name': 'Öhl & Sons', 'open': True, 'towns': [r['town'] for r in rows]}, 'wares': rows}\n"
)

_CSV = {
    "csv/libreoffice.csv": _excel("csv:Text - txt - csv (StarCalc):59,34,76,1"),
    "csv/gnumeric.csv": _excel("ssconvert"),
    "csv/sqlite.csv": _given(_SQLITE + ".mode csv\n.headers on\nselect * from rows;", "sqlite3"),
    "csv/sqlite_tabs.tsv": _given(
        _SQLITE + '.mode csv\n.separator "\t"\n.headers on\nselect * from rows;', "sqlite3"
    ),
    "csv/pandas.csv": python(_PANDAS + "table.to_csv(out, sep=';', encoding='utf-8-sig')"),
    "csv/polars.csv": python(_POLARS + "table.write_csv(out, quote_style='always')"),
    "csv/duckdb.csv": python(_DUCKDB + "(header, delimiter '|')\")"),
    "csv/miller.csv": printed("mlr", "--ijson", "--ocsv", "cat", "rows.json"),
    "csv/papaparse.csv": node(
        _NODE + "fs.writeFileSync(out, require('papaparse').unparse(rows, {delimiter: '\\t'}))"
    ),
    "csv/csv_stringify.csv": node(
        _NODE
        + "fs.writeFileSync(out, require('csv-stringify/sync').stringify(rows, {header: true, delimiter: ';'}))"
    ),
    "csv/jq.csv": printed("jq", "-r", "(.[0] | keys_unsorted), (.[] | [.[]]) | @csv", "rows.json"),
    "csv/pyarrow.csv": python(_ARROW + "pa.csv.write_csv(table, out)"),
    "csv/python_excel.csv": python(
        "import csv, json\nrows = json.load(open('rows.json'))\n"
        "file = open(out, 'w', encoding='cp1252', errors='replace', newline='')\n"
        "writer = csv.writer(file, delimiter=';')\nwriter.writerow(rows[0])\n"
        "writer.writerows(row.values() for row in rows)"
    ),
}
_JSON = {
    "json/python.json": python(_NESTED + "json.dump(told, open(out, 'w'), indent=2)"),
    "json/jq.json": printed("jq", "{wares: ., count: length}", "rows.json"),
    "json/node.json": node(
        _NODE + "fs.writeFileSync(out, JSON.stringify({wares: rows, made: {by: 'node'}}))"
    ),
    "json/orjson.json": python("import orjson\n" + _NESTED + "Path(out).write_bytes(orjson.dumps(told))"),
    "json/simplejson.json": python(
        "import simplejson\n"
        + _NESTED
        + "Path(out).write_text(simplejson.dumps(told, ensure_ascii=False), 'utf-16')"
    ),
    "json/pandas.json": python(_PANDAS + "table.to_json(out, orient='records', force_ascii=False)"),
    "json/pandas_lines.jsonl": python(_PANDAS + "table.to_json(out, orient='records', lines=True)"),
    "json/polars.ndjson": python(_POLARS + "table.write_ndjson(out)"),
    "json/duckdb.json": python(_DUCKDB + '(array true)")'),
    "json/sqlite.json": _given(_SQLITE + ".mode json\nselect * from rows;", "sqlite3"),
    "json/miller.json": printed("mlr", "--icsv", "--ojson", "cat", "rows.csv"),
    "json/ruby.json": command(
        "ruby",
        "-rjson",
        "-e",
        "File.write('{out}', JSON.pretty_generate(JSON.parse(File.read('rows.json'))))",
    ),
}
RECIPES = {path: _of_rows(recipe) for path, recipe in (_CSV | _JSON).items()}
