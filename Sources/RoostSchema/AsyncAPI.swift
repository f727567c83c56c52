package import RoostJSON

/// What a feed sends and where, as an AsyncAPI 3 document.
package enum AsyncAPI {
    /// `schemas` are found beside the document, in the directory `schemas`.
    package static func document(feed: String, source: String, title: String, _ schemas: [PublicSchema]) -> JSONValue {
        var channels = JSONObject()
        var operations = JSONObject()
        var messages = JSONObject()
        for schema in schemas {
            let message = "\(schema.type).v\(schema.version)"
            channels[schema.type] = [
                "address": .string("\(feed).\(schema.type)"),
                "description": "The first frame of a ZeroMQ message; the second is the CloudEvent.",
                "messages": .object(reference(message, "#/components/messages/\(message)")),
            ]
            operations["publish\(schema.type)"] = [
                "action": "send", "summary": .string(schema.summary),
                "channel": ["$ref": .string("#/channels/\(schema.type)")],
                "messages": [["$ref": .string("#/channels/\(schema.type)/messages/\(message)")]],
            ]
            messages[message] = [
                "name": .string(schema.type), "summary": .string(schema.summary),
                "contentType": "application/cloudevents+json", "payload": envelope(schema, source),
            ]
        }
        return [
            "asyncapi": "3.0.0",
            "info": [
                "title": .string(title), "version": "1",
                "description": .string("Public events of the feed '\(feed)', as CloudEvents."),
            ],
            "defaultContentType": "application/cloudevents+json", "channels": .object(channels),
            "operations": .object(operations), "components": ["messages": .object(messages)],
        ]
    }

    private static func reference(_ name: String, _ target: String) -> JSONObject {
        var object = JSONObject()
        object[name] = ["$ref": .string(target)]
        return object
    }

    private static func envelope(_ schema: PublicSchema, _ source: String) -> JSONValue {
        let text: JSONValue = ["type": "string"]
        return [
            "type": "object",
            "required": ["specversion", "id", "source", "type", "correlationid", "causationid", "sequence", "data"],
            "properties": [
                "specversion": ["const": "1.0"], "id": text, "source": ["const": .string(source)],
                "type": ["const": .string(schema.type)], "subject": text,
                "time": ["type": "string", "format": "date-time"], "correlationid": text, "causationid": text,
                "sequence": ["type": "string", "pattern": "^[0-9]{20}$"],
                "data": ["$ref": .string("schemas/\(schema.fileName)")],
            ],
        ]
    }
}
