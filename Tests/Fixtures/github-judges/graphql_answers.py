"""Compares GraphQL answers with GitHub's schema: nulls, enumerations and scalars where it forbids them.

usage: graphql_answers.py SCHEMA.graphql TRAFFIC.jsonl, exits with 1 on any finding.

Every answer is executed again, as if it were the data that its document asks for.
"""

import json
import sys

from graphql import build_schema, execute, parse, validate

schema = build_schema(open(sys.argv[1]).read(), assume_valid=True)
seen = findings = 0


def field(source, info, **arguments):
    return source.get(info.path.key)


def kind(value, info, abstract):
    possible = [t.name for t in info.schema.get_possible_types(abstract)]
    named = value.get("__typename")
    return named if named in possible else "User" if "User" in possible else possible[0]


for line in open(sys.argv[2]):
    exchange = json.loads(line)
    data = (exchange["response"] or {}).get("data")
    if data is None:
        continue
    document = parse(exchange["request"]["query"])
    if validate(schema, document):
        continue
    seen += 1
    nulled = [tuple(e.get("path", ())) for e in exchange["response"].get("errors", [])]
    result = execute(
        schema,
        document,
        root_value=data,
        variable_values=exchange["request"].get("variables"),
        operation_name=exchange["request"].get("operationName"),
        field_resolver=field,
        type_resolver=kind,
    )
    for error in result.errors or []:
        if tuple(error.path or ()) in nulled:
            continue
        findings += 1
        print(".".join(map(str, error.path or [])), error.message)
print(f"{seen} answers, {findings} findings")
sys.exit(bool(findings) or seen == 0)
