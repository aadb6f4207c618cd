/** Media type under which kubectl asks for `/openapi/v2`, and no other: gnostic's openapi.v2.Document. */
export const SWAGGER_PROTOBUF = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';

/** What the answer calls it: Go's mime package takes no `@`, so kube-openapi writes a dot. */
export const SWAGGER_PROTOBUF_ANSWER = SWAGGER_PROTOBUF.replace('@', '.');

type Json = Readonly<Record<string, unknown>>;

/**
 * `/openapi/v2` as protobuf, as far as clients read it: definitions (validation, explain), and of each PATCH its kind and
 * its query parameters (whether a kind knows dryRun and fieldValidation). Without it kubectl 1.32 cannot say of a kind that
 * is not served that it is not, and older ones cannot validate at all. Field numbers: google/gnostic openapiv2/OpenAPIv2.proto.
 * @param document the document that is served as JSON
 */
export function swaggerProtobuf(document: Json): Buffer {
  const info = document.info as Json;
  return message(
    text(1, document.swagger),
    field(2, message(text(1, info.title), text(2, info.version))),
    field(8, message(...named(2, document.paths, pathItem))),
    field(9, message(...named(1, document.definitions, schema))),
  );
}

function schema(value: Json): Buffer {
  const { properties, items, additionalProperties, required = [], enum: values = [] } = value;
  return message(
    text(1, value.$ref),
    text(2, value.format),
    text(4, value.description),
    ...(required as readonly string[]).map((name) => text(19, name)),
    ...(values as readonly unknown[]).map((each) => field(20, any(each))),
    additionalProperties ? field(21, field(1, schema(additionalProperties as Json))) : NOTHING,
    value.type === undefined ? NOTHING : field(22, text(1, value.type)),
    items ? field(23, field(1, schema(items as Json))) : NOTHING,
    properties ? field(25, message(...named(1, properties, schema))) : NOTHING,
    ...extensions(31, value),
  );
}

/** PathItem { patch = 8 }, Operation { operation_id = 5, parameters = 8, responses = 9, vendor_extension = 13 } */
function pathItem({ patch }: Json): Buffer {
  if (!patch) return NOTHING;
  const { operationId, parameters, ...rest } = patch as Json;
  return field(
    8,
    message(
      text(5, operationId),
      ...(parameters as readonly Json[]).map((each) => field(8, parameter(each))),
      field(9, NOTHING),
      ...extensions(13, rest),
    ),
  );
}

/** ParametersItem { parameter = 1 { non_body_parameter = 2 { query_parameter_sub_schema = 3 { in = 2, name = 4, type = 5 } } } } */
function parameter({ in: where, name, type }: Json): Buffer {
  const query = message(text(2, where), text(4, name), text(5, type));
  return field(1, field(2, field(3, query)));
}

/** NamedAny { name = 1, value = 2 } of the keys that begin with x-. */
function extensions(number: number, value: Json): readonly Buffer[] {
  return Object.entries(value)
    .filter(([name]) => name.startsWith('x-'))
    .map(([name, given]) => field(number, message(text(1, name), field(2, any(given)))));
}

/** Any { yaml = 2 }; JSON is YAML. */
function any(value: unknown): Buffer {
  return text(2, JSON.stringify(value));
}

/** Entries of a map as repeated { name = 1, value = 2 }. */
function named(number: number, map: unknown, encode: (value: Json) => Buffer): readonly Buffer[] {
  return Object.entries(map as Readonly<Record<string, Json>>).map(([name, value]) =>
    field(number, message(text(1, name), field(2, encode(value)))),
  );
}

const NOTHING = Buffer.alloc(0);
const message = (...fields: readonly Buffer[]): Buffer => Buffer.concat(fields);

function text(number: number, value: unknown): Buffer {
  return typeof value === 'string' && value !== '' ? field(number, Buffer.from(value)) : NOTHING;
}

/** A length-delimited field. */
function field(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}
