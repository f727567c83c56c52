import Foundation
import Testing

@testable import RoostRoles

@Suite("Which build runs")
struct BuildIDTests {
    @Test("Is found once for each executable, and again for another one, or where what was found cannot be read")
    func remembered() throws {
        let memory = FileManager.default.temporaryDirectory.appendingPathComponent("build-\(UUID()).json").path
        let build = try BuildID.current()
        #expect(build.count == 64)
        #expect(try BuildID.remembered(in: memory) == build)
        let text = try String(contentsOfFile: memory, encoding: .utf8)
        func expect(_ known: String, gives found: String) throws {
            try known.write(toFile: memory, atomically: true, encoding: .utf8)
            #expect(try BuildID.remembered(in: memory) == found)
        }
        // What is remembered is not found again …
        try expect(text.replacing(build, with: "remembered"), gives: "remembered")
        // … unless it is of another file.
        let other = text.replacing(build, with: "of another").replacing("\"bytes\":", with: "\"bytes\":1")
        try expect(other, gives: build)
        try expect("{", gives: build)
        try FileManager.default.removeItem(atPath: memory)
        #expect(try BuildID.remembered(in: memory + "/nowhere/to/keep/it") == build)
    }
}
