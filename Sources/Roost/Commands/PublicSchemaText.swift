import ArgumentParser
import RoostClient
import RoostSchema

/// What was found out about public events, for a person.
enum PublicSchemaText {
    static func check(_ directory: String, _ output: OutputOptions) throws {
        let document = try PublicSchemas(CommandLineRunner.domain).check(against: directory)
        try output.show(document) { text(document) }
        if !document.ok { throw ExitCode(2) }
    }

    static func text(_ document: PublicSchemasDocument) -> String {
        let changes = document.breaking.map { change in
            "  \(change.type) version \(change.version): \(change.problem) (breaks \(words(change.breaks)))\n"
        }
        guard document.ok else {
            return Paint.bad("\(changes.count) breaking change(s)\n") + changes.joined()
                + "next: keep what others rely on, or raise the version of the event\n"
        }
        let written = document.written.map { "  \($0)\n" }
        let what = "\(document.events) public events, compared with \(document.compared) earlier schemas"
        return "\(Paint.good("ok"))  \(what)\n" + written.joined()
    }

    private static func words(_ readers: String) -> String {
        switch readers {
        case "newReaders": "who reads what was published before"
        case "oldReaders": "who reads by the earlier schema"
        default: "everybody who relies on it"
        }
    }
}
