import OtherPrograms
import RoostArchive
import RoostLog
import Testing

@Suite("Archives in S3", .serialized, .timeLimit(.minutes(2)))
struct S3PlaceTests {
    private static func failure(_ body: () throws -> Void) throws -> EventLogError {
        try #require(throws: EventLogError.self) { try body() }
    }

    private static func place(
        _ address: String, _ environment: [String: String]
    ) throws -> any ArchivePlace {
        try ArchivePlaces(directory: nil, environment: environment).open(address)
    }

    @Test("A file is written, read in parts, measured and replaced, through a server that checks signatures")
    func roundTrip() throws {
        let server = try S3Server()
        let place = try Self.place(server.address("a prefix/ü"), server.environment)
        let name = "partition=0/date=2026-11-26/1-2.jsonl.gz"
        #expect(try place.read(name) == nil)
        #expect(try place.size(of: name) == nil)
        let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try place.write(bytes, to: name)
        #expect(try place.read(name) == bytes)
        #expect(try place.size(of: name) == bytes.count)
        #expect(try place.read(name, from: 1000, bytes: 50) == Array(bytes[1000..<1050]))
        #expect(try place.read(name, from: bytes.count - 5, bytes: 50) == Array(bytes.suffix(5)))
        #expect(try place.read(name, from: bytes.count + 5, bytes: 50) == [])
        try place.write([1], to: name)
        #expect(try place.read(name) == [1])
    }

    @Test("A wrong secret, a missing bucket, a silent server and missing credentials are named")
    func refused() throws {
        let server = try S3Server()
        var wrong = server.environment
        wrong["AWS_SECRET_ACCESS_KEY"] = "wrong"
        let denied = try Self.failure { try Self.place(server.address("p"), wrong).write([1], to: "x") }
        #expect(denied.code == .unavailable)
        #expect(denied.message.contains("403") && denied.message.contains("credentials"), "\(denied)")
        let address = "s3://warm/p?endpoint=\(server.endpoint)"
        let bucket = try Self.failure { try Self.place(address, server.environment).write([1], to: "x") }
        #expect(bucket.message.contains("NoSuchBucket"), "\(bucket)")
        let silent = try Self.failure {
            _ = try Self.place("s3://cold/p?endpoint=http://127.0.0.1:9", server.environment).read("x")
        }
        #expect(silent.code == .unavailable && silent.message.contains("127.0.0.1:9"), "\(silent)")
        let missing = try Self.failure { _ = try Self.place(server.address("p"), [:]) }
        #expect(missing.message.contains("AWS_ACCESS_KEY_ID"))
    }

    @Test(
        "An address that cannot be one is refused with what is wrong",
        arguments: [
            ("s3://", "s3://BUCKET"), ("s3://b/p?zone=x", "unknown part 'zone'"), ("cold", "neither a directory"),
            ("s3://b/p?endpoint=nothing", "no address of a server"),
        ])
    func addresses(_ text: String, _ reason: String) throws {
        let error = try Self.failure { _ = try Self.place(text, [:]) }
        #expect(error.message.contains(reason), "\(error)")
    }

    @Test("What an address leaves out is taken from the environment once and stays in it")
    func completed() throws {
        let environment = [
            "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s", "AWS_REGION": "eu-north-1",
            "AWS_ENDPOINT_URL": "http://127.0.0.1:9000/",
        ]
        let place = try Self.place("s3://b/p/", environment)
        #expect(place.address == "s3://b/p?region=eu-north-1&endpoint=http://127.0.0.1:9000")
        #expect(place.location == "s3://b/p/")
        let again = try Self.place(place.address, ["AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s"])
        #expect(again.address == place.address)
    }
}
